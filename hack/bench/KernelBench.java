import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.cpu.CpuCollector;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.KernelSettings;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfProgram;
import io.kpod.libbpf.KernelBtf;
import java.io.IOException;
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
    private static final Pattern PIPE_TIME = Pattern.compile("cpu ([0-9.]+) ([0-9.]+)");
    private static final Pattern RUN_TIME = Pattern.compile("run_time_ns (\\d+) run_cnt (\\d+)");
    private static final Pattern PROGRAM = Pattern.compile("(?m)^(\\d+): tracing  name sched_");

    /** sched_wakeup, sched_wakeup_new, sched_switch. */
    private static final int RUNQLAT_PROGRAMS = 3;

    private static final int SWITCHES_PER_LOOP = 2;

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
    private final Bench bench;

    KernelBench(int loops, Bench bench) {
        this.loops = loops;
        this.bench = bench;
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
        int loops = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 150_000;
        Map<Mode, List<Result>> results = new EnumMap<>(Mode.class);
        try (Bench bench = new Bench()) {
            KernelBench kernel = new KernelBench(loops, bench);
            for (int round = 1; round <= rounds; round++) {
                System.err.println("kernel bench: round " + round + " of " + rounds);
                for (Mode mode : Mode.values()) {
                    results.computeIfAbsent(mode, any -> new ArrayList<>()).add(kernel.run(mode));
                }
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
            bench.statistics(true);
            long before = runTime(own);
            pipe();
            long after = runTime(own);
            bench.statistics(false);
            return new Result(micros, (after - before) / ((double) loops * SWITCHES_PER_LOOP));
        } finally {
            tool.destroyForcibly().waitFor();
        }
    }

    private Result kpod() throws Exception {
        try (KernelBtf btf = KernelBtf.load();
                ContainerSlots slots = ContainerSlots.open(new KernelSettings(512, Bench.MOUNT, false, Path.of("")), btf);
                Collector opened = CpuCollector.open(slots, btf)) {
            if (!(opened instanceof CpuCollector collector)) {
                throw new IOException(opened.state().toString());
            }
            double micros = pipe();
            bench.statistics(true);
            long before = runNanos(collector);
            pipe();
            long after = runNanos(collector);
            bench.statistics(false);
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
        String output =
                bench.inContainer("TIMEFORMAT='cpu %U %S' && time perf bench sched pipe -l " + loops);
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
            Matcher time = RUN_TIME.matcher(Bench.output("bpftool", "prog", "show", "id", id));
            sum += time.find() ? Long.parseLong(time.group(1)) : 0;
        }
        return sum;
    }

    /** Ids of all tracing programs in the kernel. */
    private static List<String> programs() throws Exception {
        return PROGRAM.matcher(Bench.output("bpftool", "prog", "show")).results().map(line -> line.group(1)).toList();
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
            double pipe = Bench.median(results.get(mode).stream().map(Result::pipeMicros).toList());
            String name = mode.name().toLowerCase(Locale.ROOT);
            System.out.printf(
                    Locale.ROOT, "%-8s %24s %18.3f %24s%n", name, Bench.spread(nanos, ""), pipe, Bench.spread(slowDowns, "%"));
            json.append(String.format(
                    Locale.ROOT,
                    ",\"%s\":{\"ns_per_switch\":%.1f,\"pipe_cpu_us\":%.3f,\"slow_down_percent\":%.1f}",
                    name,
                    Bench.median(nanos),
                    pipe,
                    Bench.median(slowDowns)));
        }
        double ratio = Bench.median(ratios(results, Mode.KPOD, Mode.RUNQLAT, Result::nanosPerSwitch));
        System.out.printf(Locale.ROOT, "kpod / runqlat, ns a switch: %.3f (reach: 0.25)%n", ratio);
        String line = json.append(String.format(Locale.ROOT, ",\"ratio\":%.3f}", ratio)).toString();
        Bench.result("kernel", line);
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
}
