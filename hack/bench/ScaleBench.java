import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs what hack/bench/scale asks for, which see. */
class ScaleBench {
    private static final Path FOLDER = Path.of("target/bench/scale");
    private static final int QUERIES_SECONDS = 30;
    private static final int PATIENCE_SECONDS = 180;
    private static final int TRAINING_SECONDS = 12;

    private final int fillSeconds;
    private final int measureSeconds;

    private ScaleBench(int fillSeconds, int measureSeconds) {
        this.fillSeconds = fillSeconds;
        this.measureSeconds = measureSeconds;
    }

    public static void main(String[] arguments) throws Exception {
        Files.createDirectories(FOLDER);
        if (arguments.length > 0 && arguments[0].equals("connections")) {
            connections(arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2000);
            return;
        }
        String nodes = arguments.length > 0 ? arguments[0] : "500,1500,5000";
        int fill = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 320;
        int measure = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 60;
        ScaleBench bench = new ScaleBench(fill, measure);
        List<Integer> sizes = Stream.of(nodes.split(",")).map(Integer::valueOf).toList();
        train();
        List<Map<String, Double>> columns = new ArrayList<>();
        for (int size : sizes) {
            columns.add(bench.run(size));
        }
        System.out.printf(Locale.ROOT, "%-52s", "nodes");
        sizes.forEach(size -> System.out.printf(Locale.ROOT, "%12d", size));
        System.out.println(sizes.size() > 1 ? "   exponent" : "");
        List<String> json = new ArrayList<>();
        for (String row : columns.getFirst().keySet()) {
            System.out.printf(Locale.ROOT, "%-52s", row);
            columns.forEach(column -> System.out.printf(Locale.ROOT, "%12.2f", column.get(row)));
            double growth = columns.getLast().get(row) / columns.getFirst().get(row);
            double exponent = Math.log(growth) / Math.log((double) sizes.getLast() / sizes.getFirst());
            System.out.println(sizes.size() > 1 && Double.isFinite(exponent) ? String.format(Locale.ROOT, "%11.2f", exponent) : "");
            json.add("\"" + row + "\": " + columns.stream().map(column -> String.format(Locale.ROOT, "%.3f", column.get(row))).toList());
        }
        Bench.result("scale", "{\"bench\": \"scale\", \"nodes\": " + sizes + ", " + String.join(", ", json) + "}");
    }

    /** Runs a small cluster's server for the cache that the image has too. */
    private static void train() throws Exception {
        say("training the AOT cache");
        int nodes = 20;
        try (SimulatedCluster cluster = new SimulatedCluster(nodes)) {
            cluster.writeKubeconfig(FOLDER.resolve("kubeconfig"));
            try (SimulatedServer server = new SimulatedServer(FOLDER, List.of(SimulatedServer.TRAINING))) {
                server.awaitUp();
                write(cluster);
                try (SimulatedAgents agents = new SimulatedAgents(nodes, SimulatedServer.INGEST, SimulatedTls.context(cluster.authority(), ""), HttpClient.Version.HTTP_2)) {
                    Thread.sleep(TRAINING_SECONDS * 1000L);
                    ask(nodes, TRAINING_SECONDS);
                }
                server.end();
            }
        }
    }

    private static void write(SimulatedCluster cluster) throws Exception {
        Files.writeString(FOLDER.resolve("ca.crt"), cluster.authority());
        Files.writeString(FOLDER.resolve("front-proxy.pem"), cluster.frontProxyCredentials());
    }

    private Map<String, Double> run(int nodes) throws Exception {
        Map<String, Double> row = new LinkedHashMap<>();
        try (SimulatedCluster cluster = new SimulatedCluster(nodes)) {
            cluster.writeKubeconfig(FOLDER.resolve("kubeconfig"));
            SimulatedServer server = new SimulatedServer(FOLDER, List.of(SimulatedServer.TRAINED));
            double up = server.awaitUp();
            write(cluster);
            SSLContext tls = SimulatedTls.context(cluster.authority(), cluster.frontProxyCredentials());
            try (SimulatedAgents agents = new SimulatedAgents(nodes, SimulatedServer.INGEST, SimulatedTls.context(cluster.authority(), ""), HttpClient.Version.HTTP_2)) {
                double heard = awaitHeard(server, tls, nodes);
                say(String.format(Locale.ROOT, "%d nodes heard %.1f s after the start, filling for %d s", nodes, heard, fillSeconds));
                Thread.sleep(fillSeconds * 1000L);
                pushesAlone(agents, server, nodes, row);
                if (measureSeconds > 0) {
                    queries(server, nodes, row);
                }
                double[] pauses = server.pauses();
                row.put("young collections, longest pause ms", pauses[1]);
                row.put("full collections", pauses[2]);
                row.put("full collections, longest pause ms", pauses[3]);
                row.put("resident at most, MiB", server.mib("VmHWM"));
                row.put("heap in use after a collection, MiB", server.heapMib());
                row.put("heap's increments, MiB", server.metric(tls, "kpod_api_store_size_bytes") / 1048576);
                // what is known by now is not lost if the restart fails
                say(nodes + " nodes: " + row);
                server.close();
                server = new SimulatedServer(FOLDER, List.of(SimulatedServer.TRAINED));
                double upAgain = server.awaitUp();
                double again = awaitHeard(server, tls, nodes);
                row.put("restart: until the ports are open, s", upAgain);
                row.put("restart: from then until all nodes are heard, s", again - upAgain);
            } finally {
                server.close();
            }
        }
        return row;
    }

    /** The server under pushes alone. */
    private void pushesAlone(SimulatedAgents agents, SimulatedServer server, int nodes, Map<String, Double> row) throws Exception {
        agents.reset();
        double before = server.cpuSeconds();
        double own = ownCpuSeconds();
        long begin = System.nanoTime();
        Thread.sleep(Math.max(10, measureSeconds) * 1000L);
        double seconds = (System.nanoTime() - begin) / 1e9;
        row.put("pushes a second", agents.acknowledged.sum() / seconds);
        row.put("pushes failed or refused", (double) agents.failed.sum());
        row.put("totals asked for anew", (double) agents.completes.sum());
        row.put("push answered after ms, p50", agents.times.getValueAtPercentile(50) / 1e3);
        row.put("push answered after ms, p99", agents.times.getValueAtPercentile(99) / 1e3);
        row.put("bytes a pod and push on the wire", (double) agents.bytes.sum() / (agents.acknowledged.sum() * SimulatedNode.PODS));
        row.put("cores of the server", (server.cpuSeconds() - before) / seconds);
        row.put("cores of the simulator", (ownCpuSeconds() - own) / seconds);
        row.put("resident, MiB", server.mib("VmRSS"));
    }

    private void queries(SimulatedServer server, int nodes, Map<String, Double> row) throws Exception {
        say("asking for " + QUERIES_SECONDS + " s, then for all pods");
        double before = server.cpuSeconds();
        long begin = System.nanoTime();
        String output = ask(nodes, QUERIES_SECONDS);
        double seconds = (System.nanoTime() - begin) / 1e9;
        JsonNode asked = JsonMapper.shared().readTree(output);
        row.put("HPA query, Deployment of 100 pods, ms p50", asked.path("deployment_p50_ms").asDouble());
        row.put("HPA query, Deployment of 100 pods, ms p99", asked.path("deployment_p99_ms").asDouble());
        row.put("HPA query, each of its pods, ms p50", asked.path("pods_p50_ms").asDouble());
        row.put("HPA query, each of its pods, ms p99", asked.path("pods_p99_ms").asDouble());
        row.put("list of a namespace of 500 pods, ms p50", asked.path("list_p50_ms").asDouble());
        row.put("list of a namespace of 500 pods, ms p99", asked.path("list_p99_ms").asDouble());
        row.put("the same as kubectl's table, ms p50", asked.path("table_p50_ms").asDouble());
        row.put("the same as kubectl's table, ms p99", asked.path("table_p99_ms").asDouble());
        row.put("table of all pods in pages of 500, s", asked.path("table_all_s").asDouble());
        row.put("pods in that table", asked.path("table_all_pods").asDouble());
        row.put("list of all pods in pages of 500, s", asked.path("all_s").asDouble());
        row.put("pods in that list", asked.path("all_pods").asDouble());
        row.put("bytes a pod in a list", asked.path("list_bytes").asDouble() / SimulatedPod.PER_NAMESPACE);
        row.put("age of an answer, ms p50", asked.path("age_p50_ms").asDouble());
        row.put("age of an answer, ms p99", asked.path("age_p99_ms").asDouble());
        row.put("cores of the server, asked as well", (server.cpuSeconds() - before) / seconds);
    }

    /** Asks for so long, then for all pods: what was measured, in JSON. */
    private static String ask(int nodes, int seconds) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(), "-Xmx512m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                        "hack/bench/ScaleQueries.java", String.valueOf(SimulatedServer.API), FOLDER.toString(),
                        String.valueOf(SimulatedCluster.namespaces(nodes)), String.valueOf(seconds), "0").redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IllegalStateException("what was asked failed");
        }
        return output;
    }

    /** Seconds from the server's start until it has heard all nodes. */
    private static double awaitHeard(SimulatedServer server, SSLContext tls, int nodes) throws Exception {
        while (server.metric(tls, "kpod_api_nodes_heard") < nodes) {
            if (server.secondsSinceStart() > PATIENCE_SECONDS) {
                throw new IllegalStateException(server.metric(tls, "kpod_api_nodes_heard") + " of " + nodes + " nodes heard after " + PATIENCE_SECONDS + " s");
            }
            Thread.sleep(100);
        }
        return server.secondsSinceStart();
    }

    /** What a connection costs the server that has pushed once and is idle, by the protocol. */
    private static void connections(int count) throws Exception {
        System.out.printf("%d connections, each idle after a push%n%-12s %22s %22s%n", count, "", "heap, bytes each", "resident, bytes each");
        for (HttpClient.Version version : List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
            double[] heap = new double[2];
            double[] resident = new double[2];
            for (int i = 0; i < 2; i++) {
                int agentsCount = i == 0 ? 1 : count;
                try (SimulatedCluster cluster = new SimulatedCluster(1)) {
                    cluster.writeKubeconfig(FOLDER.resolve("kubeconfig"));
                    try (SimulatedServer server = new SimulatedServer(FOLDER, List.of())) {
                        server.awaitUp();
                        try (IdleConnections idle = new IdleConnections(agentsCount, SimulatedServer.INGEST, SimulatedTls.context(cluster.authority(), ""), version)) {
                            heap[i] = server.heapMib() * 1048576;
                            resident[i] = server.mib("VmRSS") * 1048576;
                        }
                    }
                }
            }
            System.out.printf(Locale.ROOT, "%-12s %22.0f %22.0f%n", version, (heap[1] - heap[0]) / count, (resident[1] - resident[0]) / count);
        }
    }

    private static double ownCpuSeconds() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
    }

    private static void say(String text) {
        System.err.println("scale bench: " + text);
    }
}
