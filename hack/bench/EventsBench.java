import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.Collectors;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfProgram;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Runs the rounds of hack/bench/events, which see. */
class EventsBench {
    /** Operations of each load, about a second's. */
    private static final Map<String, Long> LOADS = loads();

    /** Programs that ran less often an operation were run by something else on the machine. */
    private static final double LEAST_RUNS = 0.05;

    private record Program(String load, String family, String name) {}

    /** Of one program under one load, a value a round. */
    private record Cost(List<Double> runsPerOperation, List<Double> nanosPerRun) {}

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        String profile = arguments.length > 1 ? arguments[1] : "comprehensive";
        Map<Program, Cost> costs = new LinkedHashMap<>();
        try (Bench bench = new Bench();
                Collectors collectors = Collectors.start(Bench.settings("--kpod.profile=" + profile))) {
            bench.statistics(true);
            for (int round = 1; round <= rounds; round++) {
                System.err.println("events bench: round " + round + " of " + rounds);
                for (Map.Entry<String, Long> load : LOADS.entrySet()) {
                    measure(bench, collectors, load.getKey(), load.getValue(), costs);
                }
            }
        }
        report(costs, rounds, profile);
    }

    private static Map<String, Long> loads() {
        Map<String, Long> loads = new LinkedHashMap<>();
        loads.put("switches", 200_000L);
        loads.put("syscalls", 1_000_000L);
        loads.put("pingpong", 40_000L);
        loads.put("stream", 40_000L);
        loads.put("connections", 5_000L);
        loads.put("faults", 4_000L);
        loads.put("blocks", 4_000L);
        return loads;
    }

    private static void measure(
            Bench bench, Collectors collectors, String load, long count, Map<Program, Cost> costs) throws Exception {
        Map<Program, BpfProgram.Statistics> before = statistics(collectors, load);
        Bench.Run run = bench.load(load, count);
        statistics(collectors, load).forEach((program, after) -> {
            long runs = after.runs() - before.get(program).runs();
            double nanos = after.runNanos() - before.get(program).runNanos();
            Cost cost = costs.computeIfAbsent(program, any -> new Cost(new ArrayList<>(), new ArrayList<>()));
            cost.runsPerOperation.add(runs / (double) run.operations());
            cost.nanosPerRun.add(runs == 0 ? 0 : nanos / runs);
        });
    }

    private static Map<Program, BpfProgram.Statistics> statistics(Collectors collectors, String load)
            throws BpfException {
        Map<Program, BpfProgram.Statistics> statistics = new LinkedHashMap<>();
        for (Collector collector : collectors.running()) {
            for (BpfProgram program : collector.programs()) {
                statistics.put(new Program(load, collector.name(), program.name()), program.statistics());
            }
        }
        return statistics;
    }

    private static void report(Map<Program, Cost> costs, int rounds, String profile) throws Exception {
        System.out.printf("medians of %d rounds (least..most), profile %s%n", rounds, profile);
        String row = "%-12s %-13s %-28s %12s %26s %10s%n";
        System.out.printf(row, "load", "family", "program", "runs an op", "ns a run", "ns an op");
        StringBuilder json = new StringBuilder(Bench.json(
                "{\"bench\":\"events\",\"rounds\":%d,\"profile\":\"%s\",\"programs\":[", rounds, profile));
        String comma = "";
        for (Map.Entry<Program, Cost> entry : costs.entrySet()) {
            double runs = Bench.median(entry.getValue().runsPerOperation);
            double nanos = Bench.median(entry.getValue().nanosPerRun);
            if (runs < LEAST_RUNS) {
                continue;
            }
            Program program = entry.getKey();
            System.out.printf(
                    Locale.ROOT,
                    row,
                    program.load,
                    program.family,
                    program.name,
                    String.format(Locale.ROOT, "%.2f", runs),
                    Bench.spread(entry.getValue().nanosPerRun, ""),
                    String.format(Locale.ROOT, "%.1f", runs * nanos));
            json.append(comma)
                    .append(Bench.json(
                            "{\"load\":\"%s\",\"family\":\"%s\",\"program\":\"%s\",\"runs_per_op\":%.3f,\"ns_per_run\":%.1f}",
                            program.load,
                            program.family,
                            program.name,
                            runs,
                            nanos));
            comma = ",";
        }
        Bench.result("events", json.append("]}").toString());
    }
}
