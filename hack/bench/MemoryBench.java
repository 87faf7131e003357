import io.kpod.agent.collector.Collectors;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What hack/bench/memory shows, which see. */
class MemoryBench {
    private static final double KIB = 1024;
    private static final Pattern FIELD = Pattern.compile("(?m)^(map_id|prog_id|memlock):\\s*(\\d+)");
    private static final Pattern NAME = Pattern.compile("name (\\S+)");

    public static void main(String[] arguments) throws Exception {
        List<String> profiles = arguments.length > 0 ? List.of(arguments) : List.of("minimal", "standard", "comprehensive");
        StringBuilder json = new StringBuilder("{\"bench\":\"memory\"");
        for (String profile : profiles) {
            try (Collectors collectors = Collectors.start(Bench.settings("--kpod.profile=" + profile))) {
                json.append(show(profile, collectors));
            }
        }
        Bench.result("memory", json.append("}").toString());
    }

    private static String show(String profile, Collectors collectors) throws Exception {
        Map<Integer, Long> maps = held("map_id");
        long programs = held("prog_id").values().stream().mapToLong(Long::longValue).sum();
        long sum = maps.values().stream().mapToLong(Long::longValue).sum();
        System.out.printf(
                Locale.ROOT,
                "%s, %d slots: maps %.2f MiB, programs %.0f KiB%n",
                profile,
                collectors.slots() == null ? 0 : collectors.slots().capacity(),
                sum / KIB / KIB,
                programs / KIB);
        maps.entrySet().stream()
                .sorted(Map.Entry.<Integer, Long>comparingByValue(Comparator.reverseOrder()))
                .forEach(map -> System.out.printf(Locale.ROOT, "  %-20s %10.1f KiB%n", name(map.getKey()), map.getValue() / KIB));
        return Bench.json(",\"%s\":{\"maps_bytes\":%d,\"programs_bytes\":%d}", profile, sum, programs);
    }

    /** Kernel memory of each map, or of each program, that this process holds open, by its id. */
    private static Map<Integer, Long> held(String kind) throws IOException {
        Map<Integer, Long> held = new TreeMap<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fdinfo"))) {
            for (Path descriptor : descriptors) {
                Map<String, Long> fields = new TreeMap<>();
                Matcher field = FIELD.matcher(contents(descriptor));
                while (field.find()) {
                    fields.put(field.group(1), Long.parseLong(field.group(2)));
                }
                if (fields.containsKey(kind) && fields.containsKey("memlock")) {
                    held.put(fields.get(kind).intValue(), fields.get("memlock"));
                }
            }
        }
        return held;
    }

    /** Nothing of a descriptor that was closed since the folder was read. */
    private static String contents(Path descriptor) throws IOException {
        try {
            return Files.readString(descriptor);
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    private static String name(int map) {
        try {
            Matcher name = NAME.matcher(Bench.output("bpftool", "map", "show", "id", Integer.toString(map)));
            return name.find() ? name.group(1) : "map " + map;
        } catch (Exception e) {
            return "map " + map;
        }
    }
}
