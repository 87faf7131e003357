import static java.util.stream.Collectors.toSet;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.Collectors;
import io.kpod.agent.collector.pagefaults.PageFaultsFamily;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.BpfProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Runs the rounds of hack/bench/slowdown, which see. */
class SlowdownBench {
    private static final List<String> LOADS = List.of("syscalls", "stream", "pingpong", "connections", "switches");

    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

    /** Made from empty.bpf.c by hack/bench/slowdown. */
    private static final Path EMPTY = Path.of("target/bench/empty.bpf.o");

    /** Draws by which the uncertainty of a median is estimated. */
    private static final int DRAWS = 2_000;

    /** A load's slices of the four parts of a round: off, on, on, off, or the other way about. */
    private record Round(boolean onInside, List<Bench.Run> parts) {
        /** Percent that the inner two parts take more than the outer two, or less where the collectors were off. */
        double slowDown(ToDoubleFunction<Bench.Run> value) {
            double inner = value.applyAsDouble(parts.get(1)) * value.applyAsDouble(parts.get(2));
            double outer = value.applyAsDouble(parts.get(0)) * value.applyAsDouble(parts.get(3));
            return (Math.sqrt(onInside ? inner / outer : outer / inner) - 1) * 100;
        }
    }

    private final Bench bench;
    private final String[] settings;
    private final Collectors collectors;
    private final List<BpfProgram> programs;
    private final Map<String, Bench.Load> loads = new LinkedHashMap<>();
    private final Map<String, Long> operations = new LinkedHashMap<>();
    private final Map<String, List<Round>> measured = new LinkedHashMap<>();
    private final Map<String, List<Round>> idle = new LinkedHashMap<>();
    private final boolean empty;
    private final int rounds;
    private int discarded;

    private SlowdownBench(Bench bench, int rounds, String[] settings, Collectors collectors, @Nullable BpfObject empty)
            throws BpfException {
        this.bench = bench;
        this.collectors = collectors;
        // sockops runs with NET_ADMIN alone, which the DaemonSet has not; no load has major page faults
        List<BpfProgram> all = collectors.running().stream()
                .filter(collector -> !collector.name().equals(PageFaultsFamily.NAME))
                .flatMap(collector -> collector.programs().stream())
                .toList();
        all.stream().filter(program -> program.name().equals("round_trip")).forEach(BpfProgram::detach);
        List<BpfProgram> attached =
                all.stream().filter(BpfProgram::isAttached).toList();
        programs = empty == null ? attached : sameHooks(empty, attached);
        this.empty = empty != null;
        this.rounds = rounds;
        this.settings = settings;
    }

    /** The empty programs on those of the loads' hooks that kpod's own are attached to; these are detached. */
    private static List<BpfProgram> sameHooks(BpfObject empty, List<BpfProgram> attached) throws BpfException {
        Set<String> used = attached.stream().map(BpfProgram::name).collect(toSet());
        for (BpfProgram program : empty.programs()) {
            if (!used.contains(program.name())) {
                empty.leaveOut(program.name());
            }
        }
        attached.forEach(BpfProgram::detach);
        return empty.load().programs();
    }

    public static void main(String[] arguments) throws Exception {
        List<String> given = new ArrayList<>(List.of(arguments));
        boolean floor = given.remove("--empty");
        int rounds = given.isEmpty() ? 100 : Integer.parseInt(given.removeFirst());
        String[] settings = given.isEmpty() ? new String[] {"--kpod.profile=standard"} : given.toArray(String[]::new);
        try (Bench bench = new Bench();
                Collectors collectors = Collectors.start(Bench.settings(settings));
                BpfObject empty = floor ? BpfObject.open("empty", Files.readAllBytes(EMPTY)) : null) {
            SlowdownBench slowdown = new SlowdownBench(bench, rounds, settings, collectors, empty);
            slowdown.begin();
            for (int round = 0; round < rounds; round++) {
                if (round % 10 == 0) {
                    System.err.println("slow-down bench: round " + round + " of " + rounds);
                }
                slowdown.round(round % 2 == 0);
            }
            slowdown.end();
            slowdown.report();
        }
    }

    /** Starts the loads, and finds how much of each is a slice. */
    private void begin() throws Exception {
        for (String load : LOADS) {
            loads.put(load, bench.start(load));
            Bench.Run run = loads.get(load).run(2_000);
            run = loads.get(load).run(Math.max(1, (long) (SLICE_NANOS / run.wallNanos())));
            operations.put(load, Math.max(1, (long) (SLICE_NANOS / run.wallNanos())));
        }
    }

    private void end() throws Exception {
        for (Bench.Load load : loads.values()) {
            load.close();
        }
    }

    /** Four parts, in two of which the programs run, and four in none of which they do: their difference is noise. */
    private void round(boolean onInside) throws Exception {
        keep(measured, onInside, part(!onInside), part(onInside), part(onInside), part(!onInside));
        keep(idle, onInside, part(false), part(false), part(false), part(false));
    }

    @SafeVarargs
    private void keep(Map<String, List<Round>> into, boolean onInside, Map<String, Bench.Run>... parts) {
        for (String load : LOADS) {
            List<Bench.Run> runs = new ArrayList<>();
            for (Map<String, Bench.Run> part : parts) {
                if (part.containsKey(load)) {
                    runs.add(part.get(load));
                }
            }
            if (runs.size() == parts.length) {
                into.computeIfAbsent(load, any -> new ArrayList<>()).add(new Round(onInside, runs));
            } else {
                discarded++;
            }
        }
    }

    /** A slice of each load but of those during which the machine below gave the CPU to others. */
    private Map<String, Bench.Run> part(boolean on) throws Exception {
        for (BpfProgram program : programs) {
            if (on && !program.isAttached()) {
                program.attach();
            } else if (!on) {
                program.detach();
            }
        }
        Map<String, Bench.Run> runs = new LinkedHashMap<>();
        for (String load : LOADS) {
            long stolen = Bench.stolen();
            Bench.Run run = loads.get(load).run(operations.get(load));
            if (Bench.stolen() == stolen) {
                runs.put(load, run);
            }
        }
        if (on) {
            collectors.running().forEach(Collector::refresh);
        }
        return runs;
    }

    private void report() throws Exception {
        String profile = (empty ? "empty programs on the hooks of " : "") + String.join(" ", settings);
        System.out.printf(
                "medians of %d rounds (95 %% of what resampled rounds say), %s on / off; %d discarded%n",
                rounds, profile, discarded);
        String row = "%-12s %14s %26s %26s %26s%n";
        System.out.printf(row, "load", "ns an op, off", "slow-down", "more CPU an op", "slow-down, off / off");
        StringBuilder json = new StringBuilder(
                Bench.json("{\"bench\":\"slowdown\",\"rounds\":%d,\"settings\":\"%s\"", rounds, profile));
        for (String load : LOADS) {
            List<Round> with = measured.get(load);
            List<Round> without = idle.get(load);
            double nanos = Bench.median(without.stream()
                    .flatMap(round -> round.parts.stream())
                    .map(Bench.Run::wallNanos)
                    .toList());
            List<Double> wall = with.stream().map(round -> round.slowDown(Bench.Run::wallNanos)).toList();
            List<Double> cpu = with.stream().map(round -> round.slowDown(Bench.Run::cpuNanos)).toList();
            List<Double> noise = without.stream().map(round -> round.slowDown(Bench.Run::wallNanos)).toList();
            System.out.printf(
                    Locale.ROOT, row, load, Math.round(nanos), estimate(wall), estimate(cpu), estimate(noise));
            json.append(Bench.json(
                    ",\"%s\":{\"ns_per_op\":%.1f,\"slow_down_percent\":%.2f,\"cpu_percent\":%.2f,\"noise_percent\":%.2f}",
                    load,
                    nanos,
                    Bench.median(wall),
                    Bench.median(cpu),
                    Bench.median(noise)));
        }
        Bench.result("slowdown", json.append("}").toString());
    }

    /** The median, and between what 95 of 100 medians lie of as many values drawn from these with replacement. */
    private static String estimate(List<Double> values) {
        Random random = new Random(1);
        double[] medians = new double[DRAWS];
        for (int draw = 0; draw < DRAWS; draw++) {
            medians[draw] = Bench.median(random.ints(values.size(), 0, values.size())
                    .mapToObj(values::get)
                    .toList());
        }
        Arrays.sort(medians);
        return String.format(
                Locale.ROOT,
                "%.2f %% (%.2f..%.2f)",
                Bench.median(values),
                medians[DRAWS / 40],
                medians[DRAWS - 1 - DRAWS / 40]);
    }
}
