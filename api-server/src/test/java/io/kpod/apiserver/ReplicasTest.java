package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.apiserver.registration.ApiServiceRegistration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Two replicas behind one Service of a real kube-apiserver, to which agents push alike: they answer alike, and are
 * replaced under load.
 */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReplicasTest {
    private static final String BASE = "/apis/kernelmetrics.kpod.io/v1beta1";
    private static final String PODS = BASE + "/namespaces/shop/pods";
    private static final String CUSTOM =
            "/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/pods/*/kpod_cpu_context_switches_per_second";
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int REQUESTS_A_SECOND = 200;
    private static final int SERVICE = 6443;
    /** Two, and those that follow them. */
    private static final List<Integer> PORTS = List.of(16443, 26443, 36443, 46443);

    @TempDir
    static Path folder;

    private static final Map<Integer, ServerProcess> servers = new TreeMap<>();
    private static final List<InsideProcess> programs = new ArrayList<>();
    private static ControlPlane cluster;
    private static String admin;
    private static String serverToken;

    @BeforeAll
    static void start() throws Exception {
        cluster = ControlPlane.start();
        Installation.apply(cluster, folder); // the Service leads to port 6443
        Installation.agentPod(cluster, folder, "agent-1", "n1");
        Installation.agentPod(cluster, folder, "agent-2", "n2");
        cluster.apply(folder, pods(5));
        admin = Installation.simulationToken(cluster, folder);
        serverToken = Installation.token(cluster, "kpod-api-server", "--duration=2h");
        Files.writeString(folder.resolve("hosts"), ControlPlane.ADDRESS + " kpod-api-server.kpod.svc\n");
        say("");
        endpoints(PORTS.getFirst());
        program(ServiceAddress.class, ControlPlane.ADDRESS, Integer.toString(SERVICE), endpointsFile());
    }

    @AfterAll
    static void stop() throws Exception {
        programs.forEach(InsideProcess::close);
        servers.values().forEach(ServerProcess::close);
        if (cluster != null) {
            cluster.stop();
        }
    }

    @Test
    @Order(1)
    void aReplicaIsNotReadyBeforeTheNodesAreHeard() throws Exception {
        List<Integer> two = PORTS.subList(0, 2);
        List<CompletableFuture<ServerProcess>> starting = two.stream()
                .map(port -> CompletableFuture.supplyAsync(() -> replica(port)))
                .toList();
        for (int i = 0; i < two.size(); i++) {
            servers.put(two.get(i), starting.get(i).join());
        }
        await().atMost(SOON)
                .until(() -> direct(two.getFirst(), "/readyz?verbose").contains("heard from 0 of 2 nodes"));
        assertThat(direct(two.getFirst(), "/readyz")).endsWith("\n503");
        program(
                SimulatedNodes.class,
                folder.resolve("load").toString(),
                bundle().toString(),
                PORTS.stream()
                        .map(port ->
                                "https://" + ControlPlane.ADDRESS + ":" + ingestPort(port) + "/ingest/v1/summaries")
                        .collect(Collectors.joining(",")),
                "n1=" + Installation.agentToken(cluster, "agent-1"),
                "n2=" + Installation.agentToken(cluster, "agent-2"));
        for (int port : two) {
            awaitReady(port);
        }
        endpoints(16443, 26443);
        for (String name : ApiServiceRegistration.NAMES) {
            await().atMost(SOON)
                    .until(() -> cluster.tryKubectl("get", "apiservice", name).exit() == 0);
            cluster.kubectl("wait", "--for=condition=Available", "apiservice/" + name, "--timeout=30s");
        }
    }

    @Test
    @Order(2)
    void bothSayTheSameOfTheSameWindow() throws Exception {
        await().atMost(SOON).until(() -> names(json(PORTS.get(1), PODS)).size() == 5);
        Thread.sleep(Duration.ofSeconds(6)); // a window of numbers
        say("n1,n2");
        Thread.sleep(Duration.ofSeconds(3)); // what was being pushed has come
        for (String query : List.of(
                PODS + "?window=5s",
                PODS + "/p1?window=5s",
                BASE + "/namespaces/shop/workloads?window=5s",
                BASE + "/nodes?window=5s",
                CUSTOM + "?metricLabelSelector=window%3D5s")) {
            assertThat(numbers(json(PORTS.get(0), query))).as(query).isEqualTo(numbers(json(PORTS.get(1), query)));
        }
        say("");
    }

    @Test
    @Order(3)
    void theyAreReplacedOneByOneAndNoRequestFails() throws Exception {
        InsideProcess load = load();
        await().atMost(SOON).until(() -> total(load) > 3 * REQUESTS_A_SECOND);
        long start = System.nanoTime();
        long before = total(load);
        for (int i = 0; i < 2; i++) {
            int former = PORTS.get(i);
            int kept = PORTS.get(i + 1);
            int next = PORTS.get(i + 2);
            servers.put(next, replica(next));
            awaitReady(next);
            endpoints(kept, next); // open connections stay with the former
            Process ending = servers.remove(former).terminate();
            await().atMost(SOON)
                    .until(() ->
                            direct(former, "/readyz").contains("the server is shutting down") || !ending.isAlive());
            assertThat(ending.waitFor()).isZero();
        }
        long after = total(load);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        await().atMost(SOON).until(() -> total(load) > after + 2 * REQUESTS_A_SECOND);
        // 429 is the kube-apiserver's own, when a cold start makes answers slow
        assertThat(last(load)).as(load.log()).matches("\\d+ s: 200=\\d+( 429=\\d+)?");
        assertThat((after - before) / (double) took.toSeconds()).as(load.log()).isGreaterThan(0.8 * REQUESTS_A_SECOND);
    }

    private static InsideProcess load() throws Exception {
        Path authorities = Files.writeString(
                folder.resolve("authorities"),
                Files.readString(cluster.pki("ca.crt")) + Files.readString(folder.resolve("ca.crt")));
        List<String> arguments =
                new ArrayList<>(List.of(authorities.toString(), admin, Integer.toString(REQUESTS_A_SECOND)));
        for (String path : List.of(PODS, CUSTOM, BASE, PODS + "/p1", BASE + "/nodes")) {
            arguments.add("https://127.0.0.1:443" + path);
        }
        arguments.add("https://kpod-api-server.kpod.svc:" + SERVICE + PODS + "/p1");
        return program(SteadyLoad.class, arguments.toArray(String[]::new));
    }

    private static String last(InsideProcess load) throws Exception {
        return load.log().lines().filter(line -> line.contains(" s: ")).reduce("", (before, after) -> after);
    }

    private static long total(InsideProcess load) throws Exception {
        long total = 0;
        for (Matcher count = Pattern.compile("=(\\d+)").matcher(last(load)); count.find(); ) {
            total += Long.parseLong(count.group(1));
        }
        return total;
    }

    private static ServerProcess replica(int port) {
        try {
            return new ServerProcess(
                    cluster,
                    folder,
                    serverToken,
                    port,
                    ingestPort(port),
                    List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
                    List.of("--kpod.api.ready-bound=120000", "--kpod.api.drain=2000"));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static InsideProcess program(Class<?> program, String... arguments) throws Exception {
        InsideProcess started =
                new InsideProcess(cluster, folder, folder.resolve("hosts"), admin, program, List.of(arguments));
        programs.add(started);
        return started;
    }

    private static int ingestPort(int port) {
        return port + 2000;
    }

    private static void awaitReady(int port) {
        await().atMost(SOON).until(() -> direct(port, "/readyz").equals("ok\n200"));
    }

    private static String pods(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append("""
                    ---
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: p%d, namespace: shop, labels: {load: steady}}
                    spec: {nodeName: n%d, containers: [{name: app, image: none}]}
                    """.formatted(i, 1 + i % 2));
        }
        return text.toString();
    }

    /** Which agents say nothing. */
    private static void say(String silent) throws Exception {
        Files.writeString(folder.resolve("load"), "load.steady=5000\nsilent=" + silent + "\n");
    }

    /** To whom new connections to the Service go. */
    private static void endpoints(int... ports) throws Exception {
        Path next = Files.createTempFile(folder, "endpoints", "");
        for (int port : ports) {
            Files.writeString(next, Files.readString(next) + port + "\n");
        }
        Files.move(next, Path.of(endpointsFile()), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String endpointsFile() {
        return folder.resolve("endpoints").toString();
    }

    /** A replica's own answer; the code stands in the last line. */
    private static String direct(int port, String path) throws Exception {
        return cluster.curl(
                        "--cert",
                        cluster.pki("front-proxy-client.crt").toString(),
                        "--key",
                        cluster.pki("front-proxy-client.key").toString(),
                        "-H",
                        "X-Remote-User: admin",
                        "-H",
                        "X-Remote-Group: system:masters",
                        "https://" + ControlPlane.ADDRESS + ":" + port + path)
                .out();
    }

    private static JsonNode json(int port, String path) throws Exception {
        String answer = direct(port, path);
        assertThat(answer).endsWith("\n200");
        return JsonMapper.shared().readTree(answer.substring(0, answer.lastIndexOf('\n')));
    }

    private static List<String> names(JsonNode list) {
        List<String> names = new ArrayList<>();
        list.at("/items").forEach(item -> names.add(item.at("/metadata/name").asString()));
        return names;
    }

    /** Without what is each replica's own: its revisions, and when it heard. */
    private static JsonNode numbers(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(List.of("resourceVersion", "timestamp"));
        }
        node.forEach(ReplicasTest::numbers);
        return node;
    }

    private static Path bundle() throws Exception {
        return Files.writeString(
                folder.resolve("ca.crt"),
                cluster.kubectl("get", "configmap", "kpod-ca", "-n", "kpod", "-o", "jsonpath={.data.ca\\.crt}"));
    }
}
