package io.kpod.apiserver;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.kpod.apiserver.certificate.Pem;
import io.kpod.apiserver.ingest.SummarySink.Outcome;
import io.kpod.apiserver.window.TestAgent;
import io.kpod.summary.wire.SummaryProto;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/**
 * Nodes without machines, as a program inside the control plane's network: every pod with the label {@code load} that is
 * bound to one of them becomes ready, and the node's agent tells of it, through the door that real agents use. A file
 * says what the pods do: {@code load.NAME=300} are the context switches a second that all pods of {@code load=NAME} do
 * together, and {@code silent=n2} the node whose agent says nothing.
 */
final class SimulatedNodes {
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int HEARTBEAT_TICKS = 5;

    private final KubernetesClient kubernetes = new KubernetesClientBuilder().build();
    private final Map<String, SimulatedNode> nodes = new TreeMap<>();
    private final Path control;

    /**
     * Arguments: the control file, the authorities of the servers, the ingest URLs of all replicas with commas between
     * them, then NODE=TOKEN for each node.
     */
    public static void main(String[] arguments) throws Exception {
        SimulatedNodes simulation = new SimulatedNodes(Path.of(arguments[0]));
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(
                null,
                RunningServer.trusting(Pem.readCertificates(Files.readString(Path.of(arguments[1]))))
                        .getTrustManagers(),
                null);
        HttpClient client = HttpClient.newBuilder().sslContext(tls).build();
        for (int i = 3; i < arguments.length; i++) {
            String[] node = arguments[i].split("=", 2);
            simulation.nodes.put(node[0], new SimulatedNode(node[0], node[1], client, arguments[2].split(",")));
        }
        for (int tick = 0; ; tick++) {
            long end = System.nanoTime() + TICK.toNanos();
            try {
                simulation.tick(tick);
            } catch (RuntimeException | IOException e) {
                System.err.println("tick " + tick + ": " + e);
            }
            Thread.sleep(Math.max(0, Duration.ofNanos(end - System.nanoTime()).toMillis()));
        }
    }

    private SimulatedNodes(Path control) {
        this.control = control;
    }

    private void tick(int tick) throws IOException {
        Properties said = new Properties();
        try (var in = Files.newInputStream(control)) {
            said.load(in);
        }
        if (tick % HEARTBEAT_TICKS == 0) {
            nodes.keySet().forEach(this::heartbeat);
        }
        List<Pod> pods =
                kubernetes.pods().inAnyNamespace().withLabel("load").list().getItems();
        pods.stream()
                .filter(pod -> !"Running".equals(pod.getStatus().getPhase()))
                .forEach(this::ready);
        Map<String, Long> counts =
                pods.stream().collect(Collectors.groupingBy(SimulatedNodes::load, Collectors.counting()));
        for (SimulatedNode node : nodes.values()) {
            Map<Pod, Double> rates = new HashMap<>();
            pods.stream()
                    .filter(pod -> node.name.equals(pod.getSpec().getNodeName()))
                    .forEach(pod -> rates.put(
                            pod,
                            Double.parseDouble(said.getProperty("load." + load(pod), "0"))
                                    / Objects.requireNonNull(counts.get(load(pod)))));
            node.count(rates);
            if (!Set.of(said.getProperty("silent", "").split(",")).contains(node.name)) {
                node.push();
            }
        }
    }

    private static String load(Pod pod) {
        return pod.getMetadata().getLabels().get("load");
    }

    private void ready(Pod pod) {
        kubernetes
                .resource(pod)
                .editStatus(now -> new PodBuilder(now)
                        .editOrNewStatus()
                        .withPhase("Running")
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus("True")
                        .withLastTransitionTime(
                                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                        .endCondition()
                        .endStatus()
                        .build());
    }

    private void heartbeat(String node) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        kubernetes
                .nodes()
                .withName(node)
                .editStatus(found -> new NodeBuilder(found)
                        .editOrNewStatus()
                        .withConditions()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus("True")
                        .withLastHeartbeatTime(now)
                        .endCondition()
                        .endStatus()
                        .build());
    }

    /** One node's agent. */
    private static final class SimulatedNode {
        private final String name;
        private final String token;
        private final HttpClient client;
        private final List<Replica> replicas;
        private final Map<String, Double> owed = new HashMap<>();
        private long counted = System.nanoTime();
        private long pushed = System.nanoTime();

        /** What it says to one replica. */
        private static final class Replica {
            private final URI ingest;
            private final TestAgent agent;
            private final Map<String, TestAgent.Container> containers = new HashMap<>();

            Replica(String ingest, String node) {
                this.ingest = URI.create(ingest);
                this.agent = new TestAgent(node);
            }

            TestAgent.Container container(Pod pod) {
                return containers.computeIfAbsent(
                        pod.getMetadata().getUid(),
                        uid -> agent.start(
                                pod.getMetadata().getNamespace(),
                                pod.getMetadata().getName(),
                                uid,
                                "app"));
            }

            void keepOnly(Set<String> uids) {
                containers.entrySet().removeIf(container -> {
                    if (uids.contains(container.getKey())) {
                        return false;
                    }
                    container.getValue().end();
                    return true;
                });
            }
        }

        SimulatedNode(String name, String token, HttpClient client, String... replicas) {
            this.name = name;
            this.token = token;
            this.client = client;
            this.replicas =
                    Stream.of(replicas).map(ingest -> new Replica(ingest, name)).toList();
        }

        void count(Map<Pod, Double> rates) {
            long now = System.nanoTime();
            double seconds = (now - counted) / 1e9;
            counted = now;
            Set<String> there = rates.keySet().stream()
                    .map(pod -> pod.getMetadata().getUid())
                    .collect(Collectors.toSet());
            replicas.forEach(replica -> replica.keepOnly(there));
            rates.forEach((pod, rate) -> {
                String uid = pod.getMetadata().getUid();
                double whole = owed.merge(uid, rate * seconds, Double::sum);
                replicas.forEach(replica -> replica.container(pod).count((long) whole, 0, 0, 0));
                owed.put(uid, whole - (long) whole);
            });
        }

        void push() {
            long now = System.nanoTime();
            Duration interval = Duration.ofNanos(now - pushed);
            pushed = now;
            for (Replica replica : replicas) {
                byte[] summary = replica.agent.next(interval);
                try {
                    replica.agent.answered(send(replica.ingest, summary));
                } catch (IOException e) {
                    System.err.println(name + " to " + replica.ingest + ": " + e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        private Outcome send(URI ingest, byte[] summary) throws IOException, InterruptedException {
            HttpResponse<byte[]> answer = client.send(
                    HttpRequest.newBuilder(ingest)
                            .timeout(Duration.ofSeconds(5))
                            .header("Content-Type", "application/x-protobuf")
                            .header("Authorization", "Bearer " + token)
                            .POST(HttpRequest.BodyPublishers.ofByteArray(summary))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() != 200) {
                throw new IOException(
                        answer.statusCode() + " " + new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8));
            }
            SummaryProto.Ack ack = SummaryProto.Ack.parseFrom(answer.body());
            return new Outcome.Acknowledged(ack.getApplied(), ack.getCompleteWanted(), ack.getPauseMillis());
        }
    }
}
