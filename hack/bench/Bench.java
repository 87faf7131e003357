import io.kpod.agent.AgentSettings;
import io.kpod.configuration.ConfigurationException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the benches share: a container's cgroup, loads that run in it, the kernel's statistics of programs, medians. */
final class Bench implements AutoCloseable {
    static final Path MOUNT = Path.of("/sys/fs/cgroup");
    static final int CPU = Runtime.getRuntime().availableProcessors() - 1;

    /** Field of a CPU's line of /proc/stat. */
    private static final int STEAL = 8;

    private static final Path STATISTICS = Path.of("/proc/sys/kernel/bpf_stats_enabled");
    private static final Path LOAD = Path.of("target/bench/load");
    private static final Pattern TOOK = Pattern.compile("ops (\\d+) wall_ns (\\d+) cpu_ns (\\d+)");

    /** What a load's operation took. */
    record Run(long operations, double wallNanos, double cpuNanos) {
        static Run of(String load, String output) throws IOException {
            Matcher took = TOOK.matcher(output);
            if (!took.find()) {
                throw new IOException("load " + load + " did not run: " + output);
            }
            long operations = Long.parseLong(took.group(1));
            return new Run(
                    operations,
                    Double.parseDouble(took.group(2)) / operations,
                    Double.parseDouble(took.group(3)) / operations);
        }
    }

    /** A program of hack/bench/load.c that does so many operations each time that it is told to, before any other task. */
    static final class Load implements AutoCloseable {
        private final String name;
        private final Process process;
        private final BufferedReader answers;

        private Load(String name, Process process) {
            this.name = name;
            this.process = process;
            answers = process.inputReader();
        }

        Run run(long operations) throws IOException {
            process.outputWriter().write(operations + "\n");
            process.outputWriter().flush();
            return Run.of(name, String.valueOf(answers.readLine()));
        }

        @Override
        public void close() throws IOException, InterruptedException {
            process.outputWriter().close();
            process.waitFor();
        }
    }

    private final Path slice;
    private final Path group;
    private final String statisticsBefore;
    private final Thread atExit = new Thread(this::cleanUp);

    Bench() throws IOException {
        Path root = Files.exists(MOUNT.resolve("cgroup.controllers")) ? MOUNT : MOUNT.resolve("unified");
        slice = root.resolve("kpodbench.slice");
        group = slice.resolve("cri-containerd-" + "b".repeat(64) + ".scope");
        statisticsBefore = Files.readString(STATISTICS).strip();
        Files.createDirectories(group);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** The agent's settings on this machine without Kubernetes. */
    static AgentSettings settings(String... more) throws ConfigurationException {
        return AgentSettings.load(
                Stream.concat(Stream.of("--kpod.discovery.mode=none"), Stream.of(more)).toList(), Map.of());
    }

    /** Whether the kernel counts runs and time of its programs. */
    void statistics(boolean on) throws IOException {
        Files.writeString(STATISTICS, on ? "1" : "0");
    }

    /** Runs hack/bench/load.c in the container, on one CPU. */
    Run load(String name, long count) throws Exception {
        return Run.of(
                name, inContainer(LOAD.toAbsolutePath() + " " + name + " " + count + " target/bench/load.data"));
    }

    /** Starts it there, to be told what to do. */
    Load start(String name) throws IOException {
        return new Load(
                name,
                new ProcessBuilder("bash", "-c", entered("exec chrt -f 1 " + LOAD.toAbsolutePath() + " " + name + " -"))
                        .start());
    }

    /** Time that the machine below gave this CPU to others, in ticks. */
    static long stolen() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
            return lines.filter(line -> line.startsWith("cpu" + CPU + " "))
                    .mapToLong(line -> Long.parseLong(line.split(" ")[STEAL]))
                    .findFirst()
                    .orElse(0);
        }
    }

    /** What a command says that runs in the container, on one CPU. */
    String inContainer(String command) throws Exception {
        return output("bash", "-c", entered(command));
    }

    private String entered(String command) {
        return "exec 2>&1; echo $$ >" + group + "/cgroup.procs && taskset -cp " + CPU + " $$ >/dev/null && " + command;
    }

    static String output(String... command) throws Exception {
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return output;
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** Median, least and most. */
    static String spread(List<Double> values, String unit) {
        List<Double> sorted = values.stream().sorted().toList();
        return String.format(
                Locale.ROOT, "%.1f%s (%.1f..%.1f)", median(values), unit, sorted.getFirst(), sorted.getLast());
    }

    /** Keeps and prints the one line of JSON. */
    static void result(String bench, String json) throws IOException {
        Files.createDirectories(Path.of("target/bench"));
        Files.writeString(Path.of("target/bench/" + bench + ".json"), json + "\n");
        System.out.println(json);
    }

    static String json(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        cleanUp();
    }

    private void cleanUp() {
        try {
            Files.writeString(STATISTICS, statisticsBefore);
            Files.deleteIfExists(group);
            Files.deleteIfExists(slice);
        } catch (IOException e) {
            System.err.println("bench: not cleaned up: " + e);
        }
    }
}
