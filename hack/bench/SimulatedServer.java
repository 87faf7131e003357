import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/**
 * The real api-server in a process of its own, started as in the image: with the options of hack/jvm and an AOT cache; and what
 * the kernel says of it.
 */
final class SimulatedServer implements AutoCloseable {
    static final int API = 16443;
    static final int INGEST = 18443;
    private static final double TICKS = 100;
    private static final Pattern PAUSE = Pattern.compile("Pause (Young|Full).* (\\d+)M->(\\d+)M\\(\\d+M\\) ([0-9.]+)ms");

    /** For {@link #SimulatedServer}: makes the AOT cache when it ends. */
    static final String TRAINING = "-XX:AOTCacheOutput=" + Path.of("target/bench/scale/api-server.aot");
    /** Uses it. */
    static final String TRAINED = TRAINING.replace("Output", "");

    private final Path folder;
    private final Process process;
    private final long begun = System.nanoTime();
    private HttpClient client;

    /** @param folder with the cluster's kubeconfig; takes the logs */
    SimulatedServer(Path folder, List<String> more) throws IOException {
        this.folder = folder;
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
        command.add("@hack/jvm/api-server.args");
        command.add("-Xlog:gc:file=" + folder.resolve("gc.log"));
        command.addAll(more);
        command.addAll(List.of("-cp", "api-server/target/dist/*", "io.kpod.apiserver.ApiServer", "--kpod.api.mode=cluster",
                "--kpod.api.port=" + API, "--kpod.api.ingest-port=" + INGEST));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("server.out").toFile())
                .redirectError(folder.resolve("server.log").toFile());
        builder.environment().put("KUBECONFIG", folder.resolve("kubeconfig").toString());
        process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    long pid() {
        return process.pid();
    }

    double secondsSinceStart() {
        return (System.nanoTime() - begun) / 1e9;
    }

    /** Waits for the line that says that the ports are open; the seconds that it took. */
    double awaitUp() throws Exception {
        while (!Files.readString(folder.resolve("server.out")).contains("api-server is up")) {
            if (!process.isAlive()) {
                throw new IOException("the api-server ended: " + Files.readString(folder.resolve("server.log")));
            }
            Thread.sleep(20);
        }
        return secondsSinceStart();
    }

    /** Seconds of processor that it has used. */
    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
    }

    /** A line of {@code /proc/PID/status} in MiB: VmRSS, VmHWM. */
    double mib(String line) throws IOException {
        Matcher value = Pattern.compile(line + ":\\s+(\\d+) kB").matcher(Files.readString(Path.of("/proc/" + pid() + "/status")));
        if (!value.find()) {
            throw new IOException("no " + line);
        }
        return Long.parseLong(value.group(1)) / 1024.0;
    }

    /** A number of its {@code /metrics}; over one connection, for a handshake each time would be a load of its own. */
    double metric(SSLContext tls, String name) throws Exception {
        if (client == null) {
            client = HttpClient.newBuilder().sslContext(tls).build();
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + API + "/metrics"))
                .headers("X-Remote-User", "prometheus", "X-Remote-Group", "system:masters")
                .build();
        String page = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        return page.lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** The collector's pauses: how many young ones, the longest of them in ms, how many full ones, the longest of them, MiB after the last. */
    double[] pauses() throws IOException {
        double[] pauses = new double[5];
        Matcher pause = PAUSE.matcher(Files.readString(folder.resolve("gc.log")));
        while (pause.find()) {
            int at = pause.group(1).equals("Young") ? 0 : 2;
            pauses[at]++;
            pauses[at + 1] = Math.max(pauses[at + 1], Double.parseDouble(pause.group(4)));
            pauses[4] = Double.parseDouble(pause.group(3));
        }
        return pauses;
    }

    /** Collects garbage; MiB of heap in use afterwards. */
    double heapMib() throws Exception {
        String jcmd = Path.of(System.getProperty("java.home"), "bin/jcmd").toString();
        for (int i = 0; i < 2; i++) {
            Bench.output(jcmd, String.valueOf(pid()), "GC.run");
        }
        return pauses()[4];
    }

    /** Ends it as Kubernetes does; what it does at its end is done afterwards. */
    void end() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    @Override
    public void close() {
        if (client != null) {
            client.shutdownNow();
        }
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
