import io.kpod.apiserver.window.Admission;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.WindowSettings;
import io.kpod.apiserver.window.WindowStore;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.Unit;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.ContainerIdentity;
import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Runs what hack/bench/store asks for, which see. */
class StoreBench {
    private static final Duration PUSH = Duration.ofSeconds(5);
    private static final int PUSHES_PER_POLL = 6;
    private static final int PODS_PER_NODE = 30;
    private static final List<String> LABELS =
            List.of("self", "container", "host", "sda", "eth0", "/data", "sda\u001fread", "sda\u001fwrite");
    private static final Random RANDOM = new Random(1);
    private static final SummaryWriter WRITER = new SummaryWriter();

    /** A series of the standard profile, by its label's index. */
    private record Series(Metric metric, int label) {}

    private static final List<Series> CONTAINER = new ArrayList<>();
    private static final List<Series> POD = new ArrayList<>();

    static {
        for (Metric metric : Catalogue.METRICS) {
            switch (String.join(",", metric.labels())) {
                case "" -> CONTAINER.add(new Series(metric, 0));
                case "by" -> List.of(1, 2, 3).forEach(label -> CONTAINER.add(new Series(metric, label)));
                case "device" -> CONTAINER.add(new Series(metric, 4));
                case "interface" -> POD.add(new Series(metric, 5));
                case "mountpoint" -> CONTAINER.add(new Series(metric, 6));
                case "device,operation" -> List.of(7, 8).forEach(label -> CONTAINER.add(new Series(metric, label)));
                default -> {} // system calls: not in the standard profile
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        int nodes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
        int minutes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 6;
        System.out.printf("%d nodes of %d pods, standard profile, %d series a pod, a push each %d s for %d min%n",
                nodes, PODS_PER_NODE, CONTAINER.size() + POD.size(), PUSH.toSeconds(), minutes);
        System.out.printf("%-34s %12s %12s%n", "", "all busy", "one in five");
        List<String> json = new ArrayList<>();
        double[][] columns = {run(nodes, minutes, 1), run(nodes, minutes, 5)};
        String[] rows = {
            "bytes a pod and push on the wire", "bytes a pod in the store", "of them encoded increments",
            "µs a pod and push, taking it in", "µs a pod, all of its window"
        };
        for (int row = 0; row < rows.length; row++) {
            System.out.printf(Locale.ROOT, "%-34s %12.1f %12.1f%n", rows[row], columns[0][row], columns[1][row]);
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
        List<Agent> agents = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            agents.add(new Agent(i, busyEvery));
        }
        long wire = 0;
        long taking = 0;
        int pushes = minutes * 12;
        for (int i = 0; i < pushes; i++) {
            clock.addAndGet(PUSH.toNanos());
            for (Agent agent : agents) {
                byte[] body = agent.next();
                wire += i == 0 ? 0 : body.length;
                long start = System.nanoTime();
                store.accept(agent.node, body);
                taking += i < pushes / 2 ? 0 : System.nanoTime() - start;
            }
        }
        double pods = nodes * PODS_PER_NODE;
        long used = heap() - before;
        long asked = 0;
        for (int round = 0; round < 5; round++) {
            long start = System.nanoTime();
            for (Agent agent : agents) {
                for (int pod = 0; pod < PODS_PER_NODE; pod++) {
                    store.pod(agent.node, agent.name(pod), "", Duration.ofMinutes(1), metric -> true).orElseThrow();
                }
            }
            asked = System.nanoTime() - start;
        }
        return new double[] {
            wire / pods / (pushes - 1),
            used / pods,
            store.bytes() / pods,
            taking / 1e3 / pods / (pushes - pushes / 2),
            asked / 1e3 / pods
        };
    }

    private static long heap() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** Keeps nothing of what it said. */
    private static final class Agent {
        final String node;
        private final int number;
        private final int busyEvery;
        private final byte[] session = new byte[SummaryHeader.SESSION_BYTES];
        private long sequence;

        Agent(int number, int busyEvery) {
            this.number = number;
            this.busyEvery = busyEvery;
            node = "node-" + number;
            ByteBuffer.wrap(session).putInt(number);
        }

        PodName name(int pod) {
            return new PodName("namespace-" + number % 50, "workload-7d9f-" + number + "-" + pod);
        }

        byte[] next() {
            sequence++;
            boolean complete = sequence == 1;
            boolean polled = sequence % PUSHES_PER_POLL == 1;
            long elapsed = sequence * PUSH.toNanos();
            long poll = elapsed - (sequence - 1) % PUSHES_PER_POLL * PUSH.toNanos();
            WRITER.begin(new SummaryHeader(node, session, sequence, complete, PUSH.toNanos(), 0, 0, 0, elapsed, poll));
            if (complete) {
                LABELS.forEach(WRITER::string);
            }
            for (int pod = 0; pod < PODS_PER_NODE; pod++) {
                boolean busy = pod % busyEvery == 0;
                container(1 + 2 * pod, name(pod), "app", CONTAINER, complete, busy, polled);
                if (polled) {
                    container(2 + 2 * pod, name(pod), "", POD, complete, busy, true);
                }
            }
            return WRITER.finish();
        }

        private void container(
                int ref, PodName pod, String name, List<Series> all, boolean complete, boolean busy, boolean polled) {
            ContainerIdentity identity = new ContainerIdentity(
                    pod.namespace(), pod.name(), "4b8a3b5e-0000-0000-0000-" + number + "-" + ref, name, "id-" + ref, 0);
            WRITER.beginContainer(ref, complete ? identity : null, false);
            for (Series series : all) {
                if (complete || (series.metric().polled() ? polled && busy : busy || isAlwaysThere(series))) {
                    value(series, complete || busy);
                }
            }
            WRITER.endContainer();
        }

        /** What a container that waits for work does all the same: it wakes up now and then. */
        private static boolean isAlwaysThere(Series series) {
            return series.metric() == Catalogue.CPU_RUNQUEUE_LATENCY || series.metric() == Catalogue.CPU_CONTEXT_SWITCHES;
        }

        private void value(Series series, boolean busy) {
            Metric metric = series.metric();
            switch (metric.type()) {
                case COUNTER -> {
                    long most = metric.unit() == Unit.NONE ? 2000 : metric.unit() == Unit.BYTES ? 1 << 22 : 1_000_000_000L;
                    WRITER.counter(metric, series.label(), RANDOM.nextLong(1, most));
                }
                case GAUGE -> WRITER.gauge(metric, series.label(), 4096.0 * RANDOM.nextInt(1 << 16));
                case DISTRIBUTION -> {
                    Histogram histogram = new Histogram();
                    int samples = !busy ? 5 : metric == Catalogue.CPU_RUNQUEUE_LATENCY ? 2000 : 50;
                    for (int i = 0; i < samples; i++) {
                        histogram.record((long) (30_000 * Math.exp(RANDOM.nextGaussian())));
                    }
                    WRITER.distribution(metric, series.label(), histogram.toFlat(), 0, null, 0);
                }
            }
        }
    }
}
