import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.cpu.CpuCollector;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.KernelSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the rounds of hack/bench/kernel, which see. */
class KernelBench {
    private static final Path MOUNT = Path.of("/sys/fs/cgroup");
    private static final Path STATISTICS = Path.of("/proc/sys/kernel/bpf_stats_enabled");
    private static final Pattern PIPE_TIME = Pattern.compile("([0-9.]+) usecs/op");
    private static final Pattern RUN_TIME = Pattern.compile("run_time_ns (\\d+) run_cnt (\\d+)");
    private static final Pattern PROGRAM = Pattern.compile("(?m)^(\\d+): tracing  name sched_");

    /** sched_wakeup, sched_wakeup_new, sched_switch. */
    private static final int RUNQLAT_PROGRAMS = 3;

    private static final int SWITCHES_PER_LOOP = 2;
    private static final int CPU = Runtime.getRuntime().availableProcessors() - 1;

    enum Mode {
        NONE,
        RUNQLAT,
        KPOD
    }

    /** One run: microseconds a round trip of the pipe, without statistics; BPF ns a switch, with them. */
    record Result(double pipeMicros, double nanosPerSwitch) {}

    private final int loops;
    private final Path group;

    KernelBench(int loops, Path group) {
        this.loops = loops;
        this.group = group;
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
        int loops = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 150_000;
        Path root = Files.exists(MOUNT.resolve("cgroup.controllers")) ? MOUNT : MOUNT.resolve("unified");
        Path slice = root.resolve("kpod-bench.slice");
        Path group = slice.resolve("cri-containerd-" + "b".repeat(64) + ".scope");
        String statisticsBefore = Files.readString(STATISTICS).strip();
        Files.createDirectories(group);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> cleanUp(statisticsBefore, group, slice)));
        KernelBench bench = new KernelBench(loops, group);
        Map<Mode, List<Result>> results = new EnumMap<>(Mode.class);
        for (int round = 1; round <= rounds; round++) {
            System.err.println("kernel bench: round " + round + " of " + rounds);
            for (Mode mode : Mode.values()) {
                results.computeIfAbsent(mode, any -> new ArrayList<>()).add(bench.run(mode));
            }
        }
        report(results, loops);
    }

    private Result run(Mode mode) throws Exception {
        return switch (mode) {
            case NONE -> new Result(pipe(), 0);
            case RUNQLAT -> runqlat();
            case KPOD -> kpod();
        };
    }

    private Result runqlat() throws Exception {
        List<String> others = programs();
        Process tool = new ProcessBuilder("runqlat", "600", "1")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (programs().size() < others.size() + RUNQLAT_PROGRAMS) {
                if (System.nanoTime() > deadline || !tool.isAlive()) {
                    throw new IOException("runqlat loads no programs here");
                }
                Thread.sleep(100);
            }
            List<String> own = new ArrayList<>(programs());
            own.removeAll(others);
            double micros = pipe();
            statistics("1");
            long before = runTime(own);
            pipe();
            long after = runTime(own);
            statistics("0");
            return new Result(micros, (after - before) / ((double) loops * SWITCHES_PER_LOOP));
        } finally {
            tool.destroyForcibly().waitFor();
        }
    }

    private Result kpod() throws Exception {
        try (ContainerSlots slots = ContainerSlots.open(new KernelSettings(512, MOUNT, false, Path.of("")));
                Collector opened = CpuCollector.open(slots)) {
            if (!(opened instanceof CpuCollector collector)) {
                throw new IOException(opened.state().toString());
            }
            double micros = pipe();
            statistics("1");
            long before = collector.statistics().runNanos();
            pipe();
            long after = collector.statistics().runNanos();
            statistics("0");
            return new Result(micros, (after - before) / ((double) loops * SWITCHES_PER_LOOP));
        }
    }

    private double pipe() throws Exception {
        String output = output(
                "bash",
                "-c",
                "echo $$ > " + group + "/cgroup.procs && exec taskset -c " + CPU + " perf bench sched pipe -l " + loops + " 2>&1");
        Matcher time = PIPE_TIME.matcher(output);
        if (!time.find()) {
            throw new IOException("perf bench printed no time: " + output);
        }
        return Double.parseDouble(time.group(1));
    }

    /** Of all the programs together. */
    private static long runTime(List<String> ids) throws Exception {
        long sum = 0;
        for (String id : ids) {
            Matcher time = RUN_TIME.matcher(output("bpftool", "prog", "show", "id", id));
            sum += time.find() ? Long.parseLong(time.group(1)) : 0;
        }
        return sum;
    }

    /** Ids of all tracing programs in the kernel. */
    private static List<String> programs() throws Exception {
        return PROGRAM.matcher(output("bpftool", "prog", "show")).results().map(line -> line.group(1)).toList();
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return output;
    }

    private static void statistics(String value) throws IOException {
        Files.writeString(STATISTICS, value);
    }

    private static void cleanUp(String statisticsBefore, Path group, Path slice) {
        try {
            statistics(statisticsBefore);
            Files.deleteIfExists(group);
            Files.deleteIfExists(slice);
        } catch (IOException e) {
            System.err.println("kernel bench: not cleaned up: " + e);
        }
    }

    private static void report(Map<Mode, List<Result>> results, int loops) throws IOException {
        double base = median(results.get(Mode.NONE).stream().map(Result::pipeMicros).toList());
        StringBuilder json = new StringBuilder("{\"bench\":\"kernel\",\"rounds\":" + results.get(Mode.NONE).size() + ",\"loops\":" + loops);
        System.out.printf("%-10s %12s %17s %14s %10s%n", "", "ns a switch", "(least..most)", "pipe us/op", "slow-down");
        for (Mode mode : Mode.values()) {
            List<Double> nanos = results.get(mode).stream().map(Result::nanosPerSwitch).sorted().toList();
            double pipe = median(results.get(mode).stream().map(Result::pipeMicros).toList());
            String name = mode.name().toLowerCase(Locale.ROOT);
            System.out.printf(
                    Locale.ROOT,
                    "%-10s %12.1f %17s %14.3f %9.1f%%%n",
                    name,
                    median(nanos),
                    String.format(Locale.ROOT, "%.1f..%.1f", nanos.getFirst(), nanos.getLast()),
                    pipe,
                    (pipe / base - 1) * 100);
            json.append(String.format(
                    Locale.ROOT, ",\"%s\":{\"ns_per_switch\":%.1f,\"pipe_us\":%.3f,\"slow_down_percent\":%.1f}",
                    name,
                    median(nanos),
                    pipe,
                    (pipe / base - 1) * 100));
        }
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < results.get(Mode.NONE).size(); round++) {
            ratios.add(results.get(Mode.KPOD).get(round).nanosPerSwitch() / results.get(Mode.RUNQLAT).get(round).nanosPerSwitch());
        }
        double ratio = median(ratios);
        System.out.printf(Locale.ROOT, "kpod / runqlat, median of the rounds: %.3f (reach: 0.25)%n", ratio);
        String line = json.append(String.format(Locale.ROOT, ",\"ratio\":%.3f}", ratio)).toString();
        Files.createDirectories(Path.of("target/bench"));
        Files.writeString(Path.of("target/bench/kernel.json"), line + "\n");
        System.out.println(line);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
