import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.cpu.CpuCollector;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.KernelSettings;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfProgram;
import io.kpod.libbpf.KernelBtf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the rounds of hack/bench/kernel, which see. */
class KernelBench {
    private static final Path MOUNT = Path.of("/sys/fs/cgroup");
    private static final Path STATISTICS = Path.of("/proc/sys/kernel/bpf_stats_enabled");
    private static final Pattern PIPE_TIME = Pattern.compile("cpu ([0-9.]+) ([0-9.]+)");
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

    /**
     * One run: microseconds of CPU a round trip of the pipe, without statistics (CPU, not wall: this CPU may have other
     * work too); BPF ns a switch, with them.
     */
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
        try (KernelBtf btf = KernelBtf.load();
                ContainerSlots slots = ContainerSlots.open(new KernelSettings(512, MOUNT, false, Path.of("")), btf);
                Collector opened = CpuCollector.open(slots, btf)) {
            if (!(opened instanceof CpuCollector collector)) {
                throw new IOException(opened.state().toString());
            }
            double micros = pipe();
            statistics("1");
            long before = runNanos(collector);
            pipe();
            long after = runNanos(collector);
            statistics("0");
            return new Result(micros, (after - before) / ((double) loops * SWITCHES_PER_LOOP));
        }
    }

    private static long runNanos(Collector collector) throws BpfException {
        long nanos = 0;
        for (BpfProgram program : collector.programs()) {
            nanos += program.statistics().runNanos();
        }
        return nanos;
    }

    private double pipe() throws Exception {
        String output = output(
                "bash",
                "-c",
                "exec 2>&1; echo $$ > " + group + "/cgroup.procs && TIMEFORMAT='cpu %U %S' && time taskset -c " + CPU
                        + " perf bench sched pipe -l " + loops);
        Matcher time = PIPE_TIME.matcher(output);
        if (!time.find()) {
            throw new IOException("perf bench did not run: " + output);
        }
        return (Double.parseDouble(time.group(1)) + Double.parseDouble(time.group(2))) * 1e6 / loops;
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
        int rounds = results.get(Mode.NONE).size();
        StringBuilder json = new StringBuilder("{\"bench\":\"kernel\",\"rounds\":" + rounds + ",\"loops\":" + loops);
        System.out.printf("medians of %d rounds (least..most)%n", rounds);
        System.out.printf("%-8s %24s %18s %24s%n", "", "ns a switch", "pipe, CPU us/op", "slow-down");
        for (Mode mode : Mode.values()) {
            List<Double> nanos = results.get(mode).stream().map(Result::nanosPerSwitch).toList();
            List<Double> slowDowns = ratios(results, mode, Mode.NONE, Result::pipeMicros).stream()
                    .map(ratio -> (ratio - 1) * 100)
                    .toList();
            double pipe = median(results.get(mode).stream().map(Result::pipeMicros).toList());
            String name = mode.name().toLowerCase(Locale.ROOT);
            System.out.printf(
                    Locale.ROOT, "%-8s %24s %18.3f %24s%n", name, spread(nanos, ""), pipe, spread(slowDowns, "%"));
            json.append(String.format(
                    Locale.ROOT,
                    ",\"%s\":{\"ns_per_switch\":%.1f,\"pipe_cpu_us\":%.3f,\"slow_down_percent\":%.1f}",
                    name,
                    median(nanos),
                    pipe,
                    median(slowDowns)));
        }
        double ratio = median(ratios(results, Mode.KPOD, Mode.RUNQLAT, Result::nanosPerSwitch));
        System.out.printf(Locale.ROOT, "kpod / runqlat, ns a switch: %.3f (reach: 0.25)%n", ratio);
        String line = json.append(String.format(Locale.ROOT, ",\"ratio\":%.3f}", ratio)).toString();
        Files.createDirectories(Path.of("target/bench"));
        Files.writeString(Path.of("target/bench/kernel.json"), line + "\n");
        System.out.println(line);
    }

    /** Round by round, so that what disturbs a whole round cancels out. */
    private static List<Double> ratios(
            Map<Mode, List<Result>> results, Mode mode, Mode beside, ToDoubleFunction<Result> value) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < results.get(mode).size(); round++) {
            ratios.add(value.applyAsDouble(results.get(mode).get(round)) / value.applyAsDouble(results.get(beside).get(round)));
        }
        return ratios;
    }

    private static String spread(List<Double> values, String unit) {
        List<Double> sorted = values.stream().sorted().toList();
        return String.format(
                Locale.ROOT, "%.1f%s (%.1f..%.1f)", median(values), unit, sorted.getFirst(), sorted.getLast());
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
