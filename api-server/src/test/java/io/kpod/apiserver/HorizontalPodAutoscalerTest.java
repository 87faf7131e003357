package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.apiserver.certificate.CertificateAuthority;
import io.kpod.apiserver.certificate.KeyAndChain;
import io.kpod.apiserver.certificate.Pem;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real kube-controller-manager scales real Deployments by what kpod says; the nodes are simulated. Each target asks for
 * 100 context switches a second and replica: 280 in all are three replicas, 50 are one.
 */
@Timeout(900)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HorizontalPodAutoscalerTest {
    private static final String EXTERNAL = "v1beta1.external.metrics.k8s.io";
    private static final String SWITCHES = "kpod_cpu_context_switches_per_second";
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** Until an agent's data is not served any more (20 s), and as long again as the HPA would take to scale in. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(45);

    /** Namespace and name of the scaled Deployments. */
    private static final List<String> SCALED =
            List.of("shop/by-pods", "shop/by-object", "shop/by-service", "own/by-namespace", "shop/by-external");

    @TempDir
    static Path folder;

    private static ControlPlane cluster;
    private static ServerProcess server;
    private static InsideProcess adapter;
    private static InsideProcess nodes;

    @BeforeAll
    static void start() throws Exception {
        cluster = ControlPlane.start();
        Installation.apply(cluster, folder);
        Installation.agentPod(cluster, folder, "agent-1", "n1");
        Installation.agentPod(cluster, folder, "agent-2", "n2");
        Installation.foreignApiService(cluster, folder, EXTERNAL);
        cluster.apply(folder, "{apiVersion: v1, kind: Namespace, metadata: {name: own}}");
        CertificateAuthority authority = CertificateAuthority.create("another adapter", Instant.now());
        Path trusted = Files.writeString(folder.resolve("adapter-ca.crt"), Pem.write(List.of(authority.certificate())));
        Path hosts = Files.writeString(folder.resolve("hosts"), ControlPlane.ADDRESS + " adapter.other.svc\n");
        server = new ServerProcess(
                cluster,
                folder,
                Installation.token(cluster, "kpod-api-server", "--duration=2h"),
                6443,
                8443,
                List.of("-Djdk.net.hosts.file=" + hosts),
                List.of(
                        "--kpod.api.external-metrics-adapter=other/adapter:7443",
                        "--kpod.api.external-metrics-adapter-ca-file=" + trusted));
        KeyAndChain keys = authority.signServer(
                List.of("adapter.other.svc"), List.<InetAddress>of(), Instant.now(), Duration.ofHours(1));
        String simulation = Installation.simulationToken(cluster, folder);
        adapter = new InsideProcess(
                cluster,
                folder,
                hosts,
                simulation,
                ForeignAdapter.class,
                List.of(
                        "7443",
                        Files.writeString(
                                        folder.resolve("adapter.pem"), Pem.write(keys.chain()) + Pem.write(keys.key()))
                                .toString(),
                        bundle().toString(),
                        folder.resolve("seen").toString()));
        load(280, "");
        nodes = new InsideProcess(
                cluster,
                folder,
                hosts,
                simulation,
                SimulatedNodes.class,
                List.of(
                        folder.resolve("load").toString(),
                        bundle().toString(),
                        "https://" + ControlPlane.ADDRESS + ":8443/ingest/v1/summaries",
                        "n1=" + Installation.agentToken(cluster, "agent-1"),
                        "n2=" + Installation.agentToken(cluster, "agent-2")));
        for (String deployment : SCALED) {
            deploy(deployment, "n1", 1);
        }
        deploy("shop/fixed", "n2", 2);
        deploy("shop/by-foreign", "n1", 1);
        cluster.apply(folder, """
                {apiVersion: v1, kind: Service, metadata: {name: both, namespace: shop},
                 spec: {ports: [{port: 80}], selector: {service: both}}}
                """);
        scale(
                "shop/by-pods",
                "{type: Pods, pods: {%s, target: {type: AverageValue, averageValue: 100}}}"
                        .formatted(metric("{window: 5s, container: app}")));
        scale("shop/by-object", object("{apiVersion: apps/v1, kind: Deployment, name: by-object}"));
        scale("shop/by-service", object("{apiVersion: v1, kind: Service, name: both}"));
        scale("own/by-namespace", object("{apiVersion: v1, kind: Namespace, name: own}"));
        scale("shop/by-external", external(metric("{kpod.io/window: 5s, load: by-object}")));
        scale(
                "shop/by-foreign",
                external("metric: {name: queue_length, selector: {matchLabels: {queue: orders}}}")
                        .replace("100", "10"));
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable one : new AutoCloseable[] {nodes, adapter, server}) {
            if (one != null) {
                one.close();
            }
        }
        if (cluster != null) {
            cluster.stop();
        }
    }

    @Test
    @Order(1)
    void everyKindOfMetricScalesOutToWhatTheLoadNeeds() throws Exception {
        for (String deployment : SCALED) {
            awaitReplicas(deployment, 3);
            assertThat(status(deployment, "conditions[?(@.type==\"ScalingActive\")].status"))
                    .isEqualTo("True");
        }
        // Three pods share the load from the push after they came on; the autoscaler asks every second here.
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(
                                Double.parseDouble(status("shop/by-pods", "currentMetrics[0].pods.current.averageValue")
                                        .replaceFirst("m$", "e-3")))
                        .isBetween(85.0, 103.0));
    }

    @Test
    @Order(2)
    void aGroupIsTakenOverFromTheAdapterThatIsBehindAndItsMetricsScaleToo() throws Exception {
        assertThat(cluster.kubectl(
                        "get",
                        "apiservice",
                        EXTERNAL,
                        "-o",
                        "jsonpath={.spec.service.namespace}/{.spec.service.name} {.spec.insecureSkipTLSVerify}"))
                .startsWith("kpod/kpod-api-server")
                .doesNotContain("true");
        awaitReplicas("shop/by-foreign", 3);
        assertThat(Files.readString(folder.resolve("seen")))
                .contains("CN=kpod-api-server")
                .contains("[system:serviceaccount:kube-system:horizontal-pod-autoscaler] [system:serviceaccounts,")
                .contains(
                        "/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/queue_length?labelSelector=queue%3Dorders");
        assertThat(cluster.tryKubectl("get", "--raw", "/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/nothing")
                        .error())
                .contains("the adapter does not have it either");
        assertThat(cluster.tryKubectl(
                                "get",
                                "--raw",
                                "/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/queue_length",
                                "--as=carol")
                        .error())
                .contains("forbidden");
        assertThat(Files.readString(folder.resolve("seen"))).doesNotContain("carol");
    }

    @Test
    @Order(3)
    void theKubeApiserverShowsBothGroupsWithTheirMetrics() throws Exception {
        for (String version : List.of(
                "custom.metrics.k8s.io/v1beta1", "custom.metrics.k8s.io/v1beta2", "external.metrics.k8s.io/v1beta1")) {
            assertThat(cluster.kubectl("get", "--raw", "/apis/" + version)).contains(SWITCHES);
        }
        Path aggregated = folder.resolve("aggregated.json");
        ControlPlane.Result answer = cluster.curl(
                "--cert",
                cluster.pki("admin.crt").toString(),
                "--key",
                cluster.pki("admin.key").toString(),
                "-H",
                "Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
                "-o",
                aggregated.toString(),
                "https://127.0.0.1:443/apis");
        assertThat(answer.out()).endsWith("200");
        assertThat(Files.readString(aggregated).replaceAll("\\s", "")) // the kube-apiserver indents it for curl
                .contains("\"kind\":\"MetricValueList\"", "\"kind\":\"ExternalMetricValueList\"")
                .doesNotContain("\"freshness\":\"Stale\"");
        assertThat(cluster.kubectl("get", "--raw", "/apis/custom.metrics.k8s.io/v1beta1/nodes/n2/" + SWITCHES))
                .contains("\"kind\":\"Node\"", "\"name\":\"n2\"");
    }

    @Test
    @Order(4)
    void oneSilentAgentOfTwoBlocksScaleInOfWhatItsPodsBelongTo() throws Exception {
        load(280, "n2");
        await().atMost(PATIENCE).until(() -> reason("shop/by-service").contains("can't be told"));
        assertThat(reason("shop/by-service")).contains("fixed-", "the agent on its node n2 was last heard");
        staysAtThree(List.of("shop/by-service", "shop/by-object"));
        assertThat(status("shop/by-object", "conditions[?(@.type==\"ScalingActive\")].status"))
                .isEqualTo("True");
    }

    @Test
    @Order(5)
    void silenceOfAllAgentsIsNotReadAsIdleness() throws Exception {
        load(50, "n1,n2");
        for (String deployment : SCALED) {
            await().atMost(PATIENCE).until(() -> reason(deployment).contains("last heard"));
        }
        staysAtThree(SCALED);
    }

    @Test
    @Order(6)
    void onceTheAgentsSpeakAgainAndSayThatTheLoadIsGoneItScalesIn() throws Exception {
        load(50, "");
        for (String deployment : SCALED) {
            awaitReplicas(deployment, 1);
        }
    }

    private static void staysAtThree(List<String> deployments) throws Exception {
        long end = System.nanoTime() + LONG_ENOUGH.toNanos();
        while (System.nanoTime() - end < 0) {
            for (String deployment : deployments) {
                assertThat(replicas(deployment)).as(deployment).isEqualTo("3");
            }
            Thread.sleep(Duration.ofSeconds(2));
        }
    }

    private static void awaitReplicas(String deployment, int count) throws Exception {
        await("replicas of " + deployment)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .conditionEvaluationListener(evaluated -> {
                    if (evaluated.getRemainingTimeInMS() < 1000) {
                        System.err.println(said(deployment));
                    }
                })
                .until(() -> replicas(deployment).equals(Integer.toString(count)));
    }

    /** All that tells why a test waits in vain. */
    private static String said(String deployment) {
        try {
            return cluster.kubectl("get", "hpa", name(deployment), "-n", namespace(deployment), "-o", "yaml")
                    + "\nserver: " + server.log() + "\nnodes: " + nodes.log() + "\nadapter: " + adapter.log();
        } catch (Exception e) {
            return e.toString();
        }
    }

    private static String replicas(String deployment) throws Exception {
        return cluster.kubectl(
                "get", "deployment", name(deployment), "-n", namespace(deployment), "-o", "jsonpath={.spec.replicas}");
    }

    private static String status(String deployment, String path) throws Exception {
        return cluster.kubectl(
                "get", "hpa", name(deployment), "-n", namespace(deployment), "-o", "jsonpath={.status." + path + "}");
    }

    private static String reason(String deployment) throws Exception {
        return status(deployment, "conditions[?(@.type==\"ScalingActive\")].message");
    }

    /** The whole load of each Deployment; the pods of the Service have it together, most of it on the second node. */
    private static void load(int each, String silent) throws Exception {
        String text = """
                load.by-pods=%1$d
                load.by-object=%1$d
                load.by-namespace=%1$d
                load.by-service=%2$d
                load.fixed=%3$d
                silent=%4$s
                """.formatted(each, each * 2 / 7, each * 5 / 7, silent);
        Path whole = Files.writeString(folder.resolve("load.new"), text);
        Files.move(whole, folder.resolve("load"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void deploy(String deployment, String node, int replicas) throws Exception {
        cluster.apply(folder, """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %1$s, namespace: %2$s}
                spec:
                  replicas: %3$d
                  selector: {matchLabels: {load: %1$s}}
                  template:
                    metadata: {labels: {load: %1$s, service: %5$s}}
                    spec: {nodeName: %4$s, terminationGracePeriodSeconds: 0, containers: [{name: app, image: none}]}
                """.formatted(
                        name(deployment),
                        namespace(deployment),
                        replicas,
                        node,
                        List.of("by-service", "fixed").contains(name(deployment)) ? "both" : "none"));
    }

    private static void scale(String deployment, String metric) throws Exception {
        cluster.apply(folder, """
                apiVersion: autoscaling/v2
                kind: HorizontalPodAutoscaler
                metadata: {name: %1$s, namespace: %2$s}
                spec:
                  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %1$s}
                  minReplicas: 1
                  maxReplicas: 5
                  metrics: [%3$s]
                """.formatted(name(deployment), namespace(deployment), metric));
    }

    private static String metric(String labels) {
        return "metric: {name: " + SWITCHES + ", selector: {matchLabels: " + labels + "}}";
    }

    private static String object(String described) {
        return "{type: Object, object: {describedObject: %s, %s, target: {type: AverageValue, averageValue: 100}}}"
                .formatted(described, metric("{window: 5s}"));
    }

    private static String external(String metric) {
        return "{type: External, external: {%s, target: {type: AverageValue, averageValue: 100}}}".formatted(metric);
    }

    private static String name(String deployment) {
        return deployment.substring(deployment.indexOf('/') + 1);
    }

    private static String namespace(String deployment) {
        return deployment.substring(0, deployment.indexOf('/'));
    }

    private static Path bundle() throws Exception {
        return Files.writeString(
                folder.resolve("ca.crt"),
                cluster.kubectl("get", "configmap", "kpod-ca", "-n", "kpod", "-o", "jsonpath={.data.ca\\.crt}"));
    }
}
