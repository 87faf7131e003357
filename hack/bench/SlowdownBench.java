import io.kpod.agent.collector.Collectors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Runs the rounds of hack/bench/slowdown, which see. */
class SlowdownBench {
    /** Operations of each load, about a second's. */
    private static final Map<String, Long> LOADS = loads();

    /** A round's ratios of with to without. */
    private record Slowdown(List<Double> wallPercent, List<Double> cpuPercent, List<Double> nanosWithout) {}

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 9;
        String profile = arguments.length > 1 ? arguments[1] : "standard";
        Map<String, Slowdown> slowdowns = new LinkedHashMap<>();
        try (Bench bench = new Bench()) {
            for (Map.Entry<String, Long> load : LOADS.entrySet()) {
                bench.load(load.getKey(), load.getValue() / 4);
            }
            for (int round = 1; round <= rounds; round++) {
                System.err.println("slow-down bench: round " + round + " of " + rounds);
                boolean withFirst = round % 2 == 0;
                Map<String, Bench.Run> first = runs(bench, withFirst, profile);
                Map<String, Bench.Run> second = runs(bench, !withFirst, profile);
                for (String load : LOADS.keySet()) {
                    Bench.Run with = (withFirst ? first : second).get(load);
                    Bench.Run without = (withFirst ? second : first).get(load);
                    Slowdown slowdown = slowdowns.computeIfAbsent(
                            load, any -> new Slowdown(new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
                    slowdown.wallPercent.add((with.wallNanos() / without.wallNanos() - 1) * 100);
                    slowdown.cpuPercent.add((with.cpuNanos() / without.cpuNanos() - 1) * 100);
                    slowdown.nanosWithout.add(without.wallNanos());
                }
            }
        }
        report(slowdowns, rounds, profile);
    }

    private static Map<String, Long> loads() {
        Map<String, Long> loads = new LinkedHashMap<>();
        loads.put("syscalls", 3_000_000L);
        loads.put("stream", 60_000L);
        loads.put("pingpong", 60_000L);
        loads.put("connections", 8_000L);
        loads.put("switches", 200_000L);
        return loads;
    }

    private static Map<String, Bench.Run> runs(Bench bench, boolean with, String profile) throws Exception {
        Map<String, Bench.Run> runs = new LinkedHashMap<>();
        try (Collectors collectors = with ? Collectors.start(Bench.settings("--kpod.profile=" + profile)) : null) {
            for (Map.Entry<String, Long> load : LOADS.entrySet()) {
                runs.put(load.getKey(), bench.load(load.getKey(), load.getValue()));
            }
        }
        return runs;
    }

    private static void report(Map<String, Slowdown> slowdowns, int rounds, String profile) throws Exception {
        System.out.printf("medians of %d rounds (least..most), profile %s on / off%n", rounds, profile);
        System.out.printf("%-12s %14s %28s %28s%n", "load", "ns an op, off", "slow-down", "more CPU an op");
        StringBuilder json =
                new StringBuilder(Bench.json("{\"bench\":\"slowdown\",\"rounds\":%d,\"profile\":\"%s\"", rounds, profile));
        slowdowns.forEach((load, slowdown) -> {
            double without = Bench.median(slowdown.nanosWithout);
            System.out.printf(
                    Locale.ROOT,
                    "%-12s %14.0f %28s %28s%n",
                    load,
                    without,
                    Bench.spread(slowdown.wallPercent, " %"),
                    Bench.spread(slowdown.cpuPercent, " %"));
            json.append(Bench.json(
                    ",\"%s\":{\"ns_per_op\":%.1f,\"slow_down_percent\":%.2f,\"cpu_percent\":%.2f}",
                    load,
                    without,
                    Bench.median(slowdown.wallPercent),
                    Bench.median(slowdown.cpuPercent)));
        });
        Bench.result("slowdown", json.append("}").toString());
    }
}
