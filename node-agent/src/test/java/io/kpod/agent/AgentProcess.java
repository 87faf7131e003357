package io.kpod.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** An agent in a process of its own, with the options it is shipped with: what it costs is the agent's alone. */
final class AgentProcess implements AutoCloseable {
    private static final Path OPTIONS = Path.of("../hack/jvm/node-agent.args");
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin");
    private static final Pattern UP = Pattern.compile("is up: http://\\S+:(\\d+)/metrics");
    private static final Pattern HEAP_USED = Pattern.compile("total +\\d+K, used (\\d+)K");

    private final Process process;
    private final int port;

    private AgentProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts a stand-alone one with these keys and waits until it is up. */
    static AgentProcess start(String... keys) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                JAVA.resolve("java").toString(),
                "@" + OPTIONS,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Agent.class.getName(),
                "--kpod.discovery.mode=none",
                "--kpod.metrics.address=127.0.0.1",
                "--kpod.metrics.port=0"));
        command.addAll(List.of(keys));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher up = UP.matcher(line);
            if (up.find()) {
                return new AgentProcess(process, Integer.parseInt(up.group(1)));
            }
        }
        process.destroyForcibly();
        throw new IOException("the agent did not start: " + command);
    }

    /** Its page. */
    Scrape scrape() throws IOException, InterruptedException {
        return Scrape.text(port);
    }

    /** Memory of its own that is resident, the mapped arrays of the kernel among it. */
    long residentBytes() throws IOException {
        return field(Path.of("/proc/" + process.pid() + "/status"), "VmRSS:") * 1024;
    }

    /** Kernel memory of all maps that it holds, as the kernel accounts it. */
    long mapBytes() throws IOException {
        Map<String, Long> byMap = new HashMap<>();
        List<Path> descriptors;
        try (Stream<Path> list = Files.list(Path.of("/proc/" + process.pid() + "/fdinfo"))) {
            descriptors = list.toList();
        }
        for (Path descriptor : descriptors) {
            if (Files.readString(descriptor).contains("map_id:")) {
                byMap.put(Long.toString(field(descriptor, "map_id:")), field(descriptor, "memlock:"));
            }
        }
        return byMap.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What of its heap is still reachable. */
    long heapBytes() throws IOException, InterruptedException {
        jcmd("GC.run");
        Matcher used = HEAP_USED.matcher(jcmd("GC.heap_info"));
        long kibibytes = 0;
        int generations = 0;
        while (used.find()) {
            kibibytes += Long.parseLong(used.group(1));
            generations++;
        }
        if (generations != 2) {
            throw new IOException("no heap of two generations: " + jcmd("GC.heap_info"));
        }
        return kibibytes * 1024;
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(JAVA.resolve("jcmd").toString(), Long.toString(process.pid()), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (jcmd.waitFor() != 0) {
            throw new IOException("jcmd " + command + ": " + output);
        }
        return output;
    }

    private static long field(Path file, String name) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no " + name + " in " + file));
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
