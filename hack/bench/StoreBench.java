import io.kpod.apiserver.window.Admission;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.WindowSettings;
import io.kpod.apiserver.window.WindowStore;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** Runs what hack/bench/store asks for, which see. */
class StoreBench {
    private static final Duration PUSH = Duration.ofSeconds(5);
    private static final int ROUNDS = 25;

    public static void main(String[] arguments) throws Exception {
        int nodes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
        int minutes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 6;
        System.out.printf("%d nodes of %d pods, standard profile, %d series a pod, a push each %d s for %d min%n",
                nodes, SimulatedNode.PODS, SimulatedNode.SERIES, PUSH.toSeconds(), minutes);
        System.out.printf("%-42s %12s %12s%n", "", "all busy", "one in five");
        List<String> json = new ArrayList<>();
        double[][] columns = {run(nodes, minutes, 1), run(nodes, minutes, 5)};
        String[] rows = {
            "bytes a pod and push on the wire", "bytes a pod in the store", "of them encoded increments",
            "µs of CPU a pod and push, taking it in", "µs of CPU a pod, all of its window", "µs of CPU a pod, one distribution of it"
        };
        for (int row = 0; row < rows.length; row++) {
            System.out.printf(Locale.ROOT, "%-42s %12.1f %12.1f%n", rows[row], columns[0][row], columns[1][row]);
            json.add(String.format(Locale.ROOT, "\"%s\": [%.1f, %.1f]", rows[row], columns[0][row], columns[1][row]));
        }
        Files.createDirectories(Path.of("target/bench"));
        Files.writeString(Path.of("target/bench/store.json"), "{" + String.join(", ", json) + "}\n");
    }

    private static double[] run(int nodes, int minutes, int busyEvery) {
        long before = heap();
        AtomicLong clock = new AtomicLong();
        WindowStore store =
                new WindowStore(WindowSettings.retaining(Duration.ofMinutes(5)), Admission.EVERYTHING, clock::get);
        List<SimulatedNode> agents = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            agents.add(new SimulatedNode(i, Math.max(1, nodes * SimulatedNode.PODS / SimulatedPod.PER_NAMESPACE), busyEvery));
        }
        long wire = 0;
        long taking = 0;
        int pushes = minutes * 12;
        for (int i = 0; i < pushes; i++) {
            clock.addAndGet(PUSH.toNanos());
            for (SimulatedNode agent : agents) {
                byte[] body = agent.next(i == 0, PUSH.toNanos(), (i + 1) * PUSH.toNanos(), 0);
                wire += i == 0 ? 0 : body.length;
                long start = cpuNanos();
                store.accept(agent.name, body);
                taking += i < pushes / 2 ? 0 : cpuNanos() - start;
            }
        }
        double pods = nodes * SimulatedNode.PODS;
        long used = heap() - before;
        double all = asked(store, agents, metric -> true);
        double one = asked(store, agents, metric -> metric == Catalogue.CPU_RUNQUEUE_LATENCY);
        return new double[] {
            wire / pods / (pushes - 1),
            used / pods,
            store.bytes() / pods,
            taking / 1e3 / pods / (pushes - pushes / 2),
            all,
            one
        };
    }

    /** µs a pod, the median of the later half of the rounds. */
    private static double asked(WindowStore store, List<SimulatedNode> agents, Predicate<Metric> wanted) {
        Map<PodName, String> pods = new LinkedHashMap<>();
        for (SimulatedNode agent : agents) {
            for (int pod = 0; pod < SimulatedNode.PODS; pod++) {
                pods.put(agent.pod(pod).name(), agent.name);
            }
        }
        long[] asked = new long[2 * ROUNDS];
        for (int round = 0; round < asked.length; round++) {
            long start = cpuNanos();
            pods.forEach((pod, node) -> store.pod(node, pod, "", Duration.ofMinutes(1), wanted).orElseThrow());
            asked[round] = cpuNanos() - start;
        }
        Arrays.sort(asked, ROUNDS, asked.length);
        return asked[ROUNDS + ROUNDS / 2] / 1e3 / pods.size();
    }

    /** What this thread alone has used: other programs on the machine don't count. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long heap() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
