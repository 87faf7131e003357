package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.apiserver.certificate.CertificateAuthority;
import io.kpod.apiserver.certificate.KeyAndChain;
import io.kpod.apiserver.certificate.Pem;
import io.kpod.apiserver.ingest.SummarySink;
import io.kpod.apiserver.registration.ApiServiceRegistration;
import io.kpod.apiserver.window.TestAgent;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.wire.ContainerIdentity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server behind a real kube-apiserver, reached through an EndpointSlice of its Service. */
@Timeout(600)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AggregatedServerTest {
    private static final String PODS = "/apis/kernelmetrics.kpod.io/v1beta1/namespaces/shop/pods";
    private static final String OWN = ApiServiceRegistration.NAMES.getFirst();
    private static final String FOREIGN = "v1beta1.custom.metrics.k8s.io";
    private static final String OTHER_VERSION = "v1beta2.custom.metrics.k8s.io";
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    static Path folder;

    private static ControlPlane cluster;
    private static ServerProcess server;

    @BeforeAll
    static void start() throws Exception {
        cluster = ControlPlane.start();
        Installation.apply(cluster, folder);
        Installation.agentPod(cluster, folder, "agent-1", "n1");
        cluster.apply(folder, """
                {apiVersion: v1, kind: Pod, metadata: {name: near, namespace: shop}, spec: {nodeName: n1, containers: [{name: app, image: none}]}}
                ---
                {apiVersion: v1, kind: Pod, metadata: {name: far, namespace: shop}, spec: {nodeName: n2, containers: [{name: app, image: none}]}}
                """);
        Installation.foreignApiService(cluster, folder, FOREIGN);
        server = new ServerProcess(cluster, folder, serverToken(), 6443, 8443);
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        if (cluster != null) {
            cluster.stop();
        }
    }

    @Test
    @Order(1)
    void anotherAdapterThatWasThereBeforeKeepsItsApiServiceUntilItIsDeleted() throws Exception {
        await().atMost(SOON)
                .until(() -> cluster.curl(url("/readyz?verbose"))
                        .out()
                        .contains(FOREIGN + " is served by Service other/adapter"));
        assertThat(cluster.kubectl(
                                "get",
                                "apiservice",
                                FOREIGN,
                                "-o",
                                "jsonpath={.spec.service.name} {.metadata.ownerReferences}")
                        .strip())
                .isEqualTo("adapter");
        assertThat(server.log())
                .contains("APIService " + FOREIGN + " is served by Service other/adapter: kpod leaves it alone");
        assertThat(metrics())
                .contains(
                        "kpod_api_apiservice_owned{apiservice=\"" + FOREIGN + "\"} 0.0",
                        "kpod_api_apiservice_owned{apiservice=\"" + OTHER_VERSION + "\"} 0.0",
                        "kpod_api_apiservice_owned{apiservice=\"" + OWN + "\"} 1.0");
        // a client prefers v1beta2: with kpod's there, the adapter's metrics would be gone for every HPA
        assertThat(exists(OTHER_VERSION)).isFalse();
        assertThat(cluster.curl(url("/readyz?verbose")).out())
                .contains(OTHER_VERSION + " is not made by kpod, because " + FOREIGN
                        + " is served by Service other/adapter");
        // whatever a server lists, a kube-apiserver shows as the cluster's
        assertThat(ofServer("/openapi/v3")).contains("kernelmetrics.kpod.io").doesNotContain("custom.metrics.k8s.io");
        assertThat(ofServer("/openapi/v2")).contains("kernelmetrics.kpod.io").doesNotContain("custom.metrics.k8s.io");
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> cluster.kubectl("get", "--raw", "/openapi/v3").contains("\"apis/kernelmetrics.kpod.io"));
        assertThat(cluster.kubectl("get", "--raw", "/openapi/v3")).doesNotContain("custom.metrics.k8s.io/v");
        cluster.kubectl("delete", "apiservice", FOREIGN);
        await().atMost(SOON).until(() -> exists(FOREIGN) && exists(OTHER_VERSION));
        assertThat(
                        cluster.kubectl(
                                "get",
                                "apiservice",
                                FOREIGN,
                                "-o",
                                "jsonpath={.spec.service.name} {.metadata.labels.app\\.kubernetes\\.io/managed-by} {.metadata.ownerReferences[0].name}"))
                .isEqualTo("kpod-api-server kpod-api-server " + OWN);
        await().atMost(SOON)
                .until(() -> metrics().contains("kpod_api_apiservice_owned{apiservice=\"" + FOREIGN + "\"} 1.0"));
    }

    @Test
    @Order(2)
    void everyApiServiceIsAvailableSoonAfterTheStart() throws Exception {
        for (String name : ApiServiceRegistration.NAMES) {
            await().atMost(SOON).until(() -> exists(name));
            cluster.kubectl("wait", "--for=condition=Available", "apiservice/" + name, "--timeout=30s");
        }
    }

    @Test
    void kubectlReadsThroughTheKubeApiserver() throws Exception {
        assertThat(cluster.kubectl("get", "--raw", "/apis/kernelmetrics.kpod.io/v1beta1"))
                .contains("\"podkernelmetrics\"");
        assertThat(cluster.kubectl("get", "--raw", PODS)).contains("PodKernelMetricsList");
        assertThat(cluster.kubectl("api-resources", "--api-group=kernelmetrics.kpod.io"))
                .contains("PodKernelMetrics");
        assertThat(cluster.tryKubectl("get", "podkernelmetrics", "-A").exit()).isZero();
        assertThat(cluster.tryKubectl("get", "podkernelmetrics", "nobody", "-n", "shop")
                        .error())
                .contains("(NotFound)");
    }

    @Test
    void theDocumentsAreMergedIntoTheClusters() throws Exception {
        String group = "apis/kernelmetrics.kpod.io/v1beta1";
        List<String> paths = List.of(
                "/" + group + "/namespaces/{namespace}/pods/{name}",
                "/apis/custom.metrics.k8s.io/v1beta1/namespaces/{namespace}/{resource}/{name}/{metric}",
                "/apis/custom.metrics.k8s.io/v1beta2/namespaces/{namespace}/metrics/{metric}",
                "/apis/external.metrics.k8s.io/v1beta1/namespaces/{namespace}/{metric}");
        List<String> groups = paths.stream()
                .map(path -> path.substring(1, path.indexOf("/namespaces")))
                .toList();
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> {
                    String index = cluster.kubectl("get", "--raw", "/openapi/v3");
                    String swagger = cluster.kubectl("get", "--raw", "/openapi/v2");
                    return groups.stream().allMatch(one -> index.contains("\"" + one + "\""))
                            && paths.stream().allMatch(swagger::contains);
                });
        assertThat(cluster.kubectl("get", "--raw", "/openapi/v2"))
                .contains(
                        "\"io.kpod.kernelmetrics.v1beta1.PodKernelMetrics\"",
                        "\"io.kpod.kernelmetrics.v1beta1.CpuMetricsThrottling\"",
                        "\"io.k8s.metrics.custom.v1beta1.MetricValueList\"",
                        "\"io.k8s.metrics.custom.v1beta2.MetricValue\"",
                        "\"io.k8s.metrics.external.v1beta1.ExternalMetricValue\"");
        for (int i = 0; i < groups.size(); i++) {
            assertThat(cluster.kubectl("get", "--raw", "/openapi/v3/" + groups.get(i)))
                    .contains(paths.get(i), "\"components\"");
        }
        assertThat(cluster.kubectl("explain", "podkernelmetrics.total.tcp.rtt.p99"))
                .contains("KIND:       PodKernelMetrics", "99th percentile.");
        for (String kind : List.of("podkernelmetrics", "workloadkernelmetrics", "nodekernelmetrics")) {
            assertThat(cluster.kubectl("explain", kind, "--recursive")).contains("majorPageFaults", "runQueueLatency");
        }
    }

    @Test
    void aWatchGoesThroughTheKubeApiserver() throws Exception {
        cluster.kubectl("create", "namespace", "watched");
        cluster.apply(folder, """
                apiVersion: v1
                kind: Pod
                metadata: {name: seen, namespace: watched, labels: {app: seen}}
                spec: {nodeName: n1, containers: [{name: app, image: none}]}
                """);
        String agent = token(
                "kpod-node-agent",
                "--audience=kernelmetrics.kpod.io",
                "--bound-object-kind=Pod",
                "--bound-object-name=agent-1");
        String uid = cluster.kubectl("get", "pod", "seen", "-n", "watched", "-o", "jsonpath={.metadata.uid}");
        Path out = folder.resolve("watch.out");
        Process watching = new ProcessBuilder(cluster.kubectlCommand(
                        "get", "pkm", "-n", "watched", "-l", "app=seen", "-w", "--output-watch-events"))
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        try {
            await().atMost(SOON).pollInterval(Duration.ofSeconds(1)).until(() -> {
                TestAgent started = new TestAgent("n1");
                started.start("watched", "seen", uid, "app");
                push(agent, started.next(Duration.ofSeconds(5)));
                return Files.readString(out).contains("ADDED      seen");
            });
            cluster.kubectl("wait", "pkm/seen", "-n", "watched", "--for=jsonpath={.nodeName}=n1", "--timeout=20s");
            cluster.kubectl("delete", "pod", "seen", "-n", "watched", "--force", "--grace-period=0");
            await().atMost(SOON).until(() -> Files.readString(out).contains("DELETED    seen"));
        } finally {
            watching.destroyForcibly();
        }
    }

    @Test
    void headersCountOnlyOnTheFrontProxysConnection() throws Exception {
        List<String> admin = List.of("-H", "X-Remote-User: admin", "-H", "X-Remote-Group: system:masters");
        CertificateAuthority frontProxy = authority("front-proxy-ca");
        CertificateAuthority stranger = CertificateAuthority.create("front-proxy-ca", Instant.now());
        assertThat(code(get(admin, certificate("front-proxy-client")))).isEqualTo(200);
        assertThat(code(get(admin, List.of()))).isEqualTo(403);
        assertThat(code(get(admin, signed(frontProxy, "someone")))).isEqualTo(401);
        assertThat(code(get(admin, signed(stranger, "front-proxy-client")))).isEqualTo(401);
        assertThat(code(get(List.of(), certificate("front-proxy-client")))).isEqualTo(401);
        assertThat(get(admin, signed(authority("ca"), "bob")))
                .contains("User \\\"bob\\\" cannot list")
                .endsWith("\n403");
    }

    @Test
    void anotherRequestHeaderAuthorityIsFollowedWhileRunningAndABrokenOneIsNot() throws Exception {
        List<String> admin = List.of("-H", "X-Remote-User: admin", "-H", "X-Remote-Group: system:masters");
        CertificateAuthority next = CertificateAuthority.create("front-proxy-ca", Instant.now());
        List<String> shown = signed(next, "front-proxy-client");
        String before = Files.readString(cluster.pki("front-proxy-ca.crt")).strip() + "\n";
        assertThat(code(get(admin, shown))).isEqualTo(401);
        try {
            trustFrontProxies(before + Pem.write(List.of(next.certificate())));
            await().atMost(SOON).until(() -> code(get(admin, shown)) == 200);
            assertThat(code(get(admin, certificate("front-proxy-client")))).isEqualTo(200);
            assertThat(code(get(admin, signed(next, "someone")))).isEqualTo(401);
            trustFrontProxies(before + "-----BEGIN CERTIFICATE-----\nYnJva2Vu\n-----END CERTIFICATE-----\n");
            await().atMost(SOON)
                    .until(() -> cluster.curl(url("/readyz?verbose"))
                            .out()
                            .contains("requestheader-client-ca-file is not a PEM bundle of certificates"));
            assertThat(server.log()).contains("the last good version stays in force");
            assertThat(code(get(admin, shown))).isEqualTo(200);
            assertThat(code(get(admin, certificate("front-proxy-client")))).isEqualTo(200);
        } finally {
            trustFrontProxies(before);
        }
        await().atMost(SOON).until(() -> code(get(admin, shown)) == 401);
        assertThat(code(get(admin, certificate("front-proxy-client")))).isEqualTo(200);
    }

    private static void trustFrontProxies(String pem) throws Exception {
        cluster.kubectl(
                "patch",
                "configmap",
                "extension-apiserver-authentication",
                "-n",
                "kube-system",
                "--type=merge",
                "-p",
                "{\"data\":{\"requestheader-client-ca-file\":\"" + pem.replace("\n", "\\n") + "\"}}");
    }

    @Test
    void rightsAreWhatTheClustersRolesSay() throws Exception {
        List<String> carol = List.of("-H", "X-Remote-User: carol");
        cluster.kubectl("delete", "rolebinding", "carol", "-n", "shop", "--ignore-not-found");
        assertThat(get(carol, certificate("front-proxy-client")))
                .contains(
                        "pods.kernelmetrics.kpod.io is forbidden: User \\\"carol\\\" cannot list resource \\\"pods\\\" in API group"
                                + " \\\"kernelmetrics.kpod.io\\\" in the namespace \\\"shop\\\"")
                .endsWith("\n403");
        cluster.kubectl("create", "rolebinding", "carol", "-n", "shop", "--clusterrole=view", "--user=carol");
        await().atMost(SOON).until(() -> code(get(carol, certificate("front-proxy-client"))) == 200);
        assertThat(cluster.tryKubectl("get", "podkernelmetrics", "-n", "shop", "--as=carol")
                        .exit())
                .isZero();
        assertThat(cluster.tryKubectl("get", "podkernelmetrics", "-A", "--as=carol")
                        .error())
                .contains("forbidden");
    }

    /** The cluster's own answers decide: who may view one namespace does not hear the names of another's pods. */
    @Test
    void whoTakesAPodsCpuIsNamedToThoseWhoMayGetIt() throws Exception {
        String token = Installation.agentToken(cluster, "agent-1");
        TestAgent agent = new TestAgent("n1");
        TestAgent.Container near = agent.start("shop", "near", identity("near").podUid(), "app");
        assertThat(push(token, agent.next(Duration.ofSeconds(5)))).endsWith("\n200");
        agent.answered(new SummarySink.Outcome.Acknowledged(1, false, 0));
        near.count(100, 0, 70, 30)
                .add(Catalogue.CPU_PREEMPTORS, String.join(Metric.LABEL_SEPARATOR, "kpod", "agent-1", "agent"), 40)
                .add(Catalogue.CPU_PREEMPTORS, String.join(Metric.LABEL_SEPARATOR, "shop", "far", "app"), 20)
                .add(Catalogue.CPU_PREEMPTORS, Metric.LABEL_SEPARATOR.repeat(2) + "kubelet.service", 25);
        assertThat(push(token, agent.next(Duration.ofSeconds(5)))).endsWith("\n200");
        String path = PODS + "/near/preemptors";
        cluster.kubectl("delete", "rolebinding", "dave", "-n", "shop", "--ignore-not-found");
        assertThat(cluster.tryKubectl("get", "--raw", path, "--as=dave").error())
                .contains("pods.kernelmetrics.kpod.io \"near\" is forbidden", "pods/preemptors");

        cluster.kubectl("create", "rolebinding", "dave", "-n", "shop", "--clusterrole=view", "--user=dave");
        await().atMost(SOON)
                .until(() ->
                        cluster.tryKubectl("get", "--raw", path, "--as=dave").exit() == 0);

        assertThat(cluster.kubectl("get", "--raw", path))
                .contains(
                        "\"count\":100",
                        "{\"kind\":\"Container\",\"namespace\":\"kpod\",\"pod\":\"agent-1\",\"container\":\"agent\",\"count\":40,\"share\":\"400m\"}");
        assertThat(cluster.kubectl("get", "--raw", path, "--as=dave"))
                .contains(
                        "\"preemptors\":[{\"kind\":\"AnotherPod\",\"count\":40,\"share\":\"400m\"},"
                                + "{\"kind\":\"Service\",\"service\":\"kubelet.service\",\"count\":25,\"share\":\"250m\"},"
                                + "{\"kind\":\"Container\",\"namespace\":\"shop\",\"pod\":\"far\",\"container\":\"app\",\"count\":20,")
                .doesNotContain("agent-1");
        assertThat(cluster.kubectl("get", "pkm", "near", "-n", "shop", "--subresource=preemptors", "--as=dave"))
                .contains("AnotherPod", "kubelet.service", "far");
    }

    @Test
    void discoveryIsForEverybodyWhoProvedAName() throws Exception {
        String token =
                cluster.kubectl("create", "token", "default", "-n", "shop").strip();
        assertThat(code(cluster.curl("-H", "Authorization: Bearer " + token, url("/apis"))
                        .out()))
                .isEqualTo(200);
        assertThat(code(cluster.curl("-H", "Authorization: Bearer x" + token, url("/apis"))
                        .out()))
                .isEqualTo(401);
        assertThat(code(cluster.curl(url("/apis")).out())).isEqualTo(403);
    }

    @Test
    void anAgentSpeaksForItsOwnNodeAlone() throws Exception {
        String agent = Installation.agentToken(cluster, "agent-1");
        assertThat(push(agent, Summaries.of("n1", identity("near")))).endsWith("\n200");
        assertThat(push(agent, Summaries.of("n2", identity("near"))))
                .contains("\\\"n2\\\"", "\\\"n1\\\"")
                .endsWith("\n403");
        assertThat(push(agent, Summaries.of("n1", identity("far"))))
                .contains("node n1 speaks for pod shop/far, which is on node n2")
                .endsWith("\n403");
        assertThat(push(
                        token("kpod-node-agent", "--audience=kernelmetrics.kpod.io"),
                        Summaries.of("n1", identity("near"))))
                .contains("bound to no node")
                .endsWith("\n403");
        assertThat(push(token("kpod-node-agent"), Summaries.of("n1", identity("near"))))
                .contains("audience")
                .endsWith("\n401");
        assertThat(push(
                        token("kpod-api-server", "--audience=kernelmetrics.kpod.io"),
                        Summaries.of("n1", identity("near"))))
                .contains("may not push summaries")
                .endsWith("\n403");
    }

    @Test
    void aCaBundleThatSomebodyBreaksIsPutRight() throws Exception {
        String name = ApiServiceRegistration.NAMES.getFirst();
        String right = caBundle(name);
        String wrong = Base64.getEncoder()
                .encodeToString(Pem.write(List.of(CertificateAuthority.create("wrong", Instant.now())
                                .certificate()))
                        .getBytes(StandardCharsets.US_ASCII));
        cluster.kubectl(
                "patch", "apiservice", name, "--type=merge", "-p", "{\"spec\":{\"caBundle\":\"" + wrong + "\"}}");
        await().atMost(SOON).until(() -> caBundle(name).equals(right));
        cluster.kubectl("wait", "--for=condition=Available", "apiservice/" + name, "--timeout=30s");
    }

    @Test
    void anApiServiceOfSomebodyElseIsLeftAloneAndThatIsSaid() throws Exception {
        String name = ApiServiceRegistration.NAMES.getLast();
        String ours = cluster.kubectl("get", "apiservice", name, "-o", "json");
        cluster.kubectl(
                "patch",
                "apiservice",
                name,
                "--type=merge",
                "-p",
                "{\"spec\":{\"caBundle\":null,\"service\":{\"namespace\":\"other\",\"name\":\"adapter\"}}}");
        await().atMost(SOON)
                .until(() -> cluster.curl(url("/readyz?verbose"))
                        .out()
                        .contains(name + " is served by Service other/adapter"));
        assertThat(caBundle(name)).isEmpty();
        assertThat(server.log())
                .contains("APIService " + name + " is served by Service other/adapter: kpod leaves it alone");
        cluster.apply(folder, ours.replaceAll("\"resourceVersion\": \"\\d+\",", ""));
    }

    @Test
    void anAdapterThatComesLaterGetsTheWholeGroupUntilItGoes() throws Exception {
        Installation.foreignApiService(cluster, folder, FOREIGN);
        await().atMost(SOON).until(() -> !exists(OTHER_VERSION));
        await().atMost(SOON)
                .until(() -> metrics().contains("kpod_api_apiservice_owned{apiservice=\"" + FOREIGN + "\"} 0.0"));
        assertThat(cluster.kubectl("get", "apiservice", FOREIGN, "-o", "jsonpath={.spec.service.name}"))
                .isEqualTo("adapter");
        assertThat(exists("v1beta1.external.metrics.k8s.io")).isTrue();
        cluster.kubectl("delete", "apiservice", FOREIGN);
        await().atMost(SOON).until(() -> exists(FOREIGN) && exists(OTHER_VERSION));
        for (String name : List.of(FOREIGN, OTHER_VERSION)) {
            cluster.kubectl("wait", "--for=condition=Available", "apiservice/" + name, "--timeout=30s");
        }
    }

    @Test
    void anAuthenticationConfigMapThatCantBeReadLeavesTheLastGoodOneInForce() throws Exception {
        cluster.kubectl(
                "patch",
                "configmap",
                "extension-apiserver-authentication",
                "-n",
                "kube-system",
                "--type=merge",
                "-p",
                "{\"data\":{\"requestheader-extra-headers-prefix\":\"broken\"}}");
        await().atMost(SOON)
                .until(() -> server.log().contains("requestheader-extra-headers-prefix is not a JSON list"));
        assertThat(server.log()).contains("the last good version stays in force");
        assertThat(code(get(
                        List.of("-H", "X-Remote-User: a", "-H", "X-Remote-Group: system:masters"),
                        certificate("front-proxy-client"))))
                .isEqualTo(200);
        assertThat(cluster.curl(url("/readyz")).out()).isEqualTo("ok\n200");
        cluster.kubectl(
                "patch",
                "configmap",
                "extension-apiserver-authentication",
                "-n",
                "kube-system",
                "--type=merge",
                "-p",
                "{\"data\":{\"requestheader-extra-headers-prefix\":\"[\\\"X-Remote-Extra-\\\"]\"}}");
        await().atMost(SOON)
                .until(() -> !cluster.curl(url("/readyz?verbose")).out().contains("stays in force"));
    }

    @Test
    void aSecondReplicaTakesOverTheAuthorityOfTheFirst() throws Exception {
        String before = cluster.kubectl("get", "secret", "kpod-ca", "-n", "kpod", "-o", "jsonpath={.data}");
        Path bundle = Files.writeString(
                folder.resolve("ca.crt"),
                cluster.kubectl("get", "configmap", "kpod-ca", "-n", "kpod", "-o", "jsonpath={.data.ca\\.crt}"));
        try (ServerProcess second = new ServerProcess(cluster, folder, serverToken(), 16443, 18443)) {
            assertThat(cluster.kubectl("get", "secret", "kpod-ca", "-n", "kpod", "-o", "jsonpath={.data}"))
                    .isEqualTo(before);
            for (int port : List.of(server.port(), second.port())) {
                ControlPlane.Result answer = cluster.curl(
                        "--no-insecure",
                        "--cacert",
                        bundle.toString(),
                        "--resolve",
                        "kpod-api-server.kpod.svc:" + port + ":" + ControlPlane.ADDRESS,
                        "https://kpod-api-server.kpod.svc:" + port + "/livez");
                assertThat(answer.out()).isEqualTo("ok\n200");
            }
            long start = System.nanoTime();
            assertThat(second.end()).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    @Order(Integer.MAX_VALUE - 1)
    void anAuthorityThatIsReplacedIsFollowedWithoutAGap() throws Exception {
        Path former = bundle("former.crt");
        cluster.kubectl("delete", "secret", "kpod-ca", "-n", "kpod");
        await().atMost(SOON)
                .until(() -> Pem.readCertificates(Files.readString(bundle("both.crt")))
                                .size()
                        == 2);
        assertThat(livez(former)).isEqualTo("ok\n200");
        List<String> refused = new ArrayList<>();
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    if (!livez(bundle("both.crt")).equals("ok\n200")) {
                        refused.add("with both");
                    }
                    return !livez(former).equals("ok\n200");
                });
        assertThat(refused).isEmpty();
        assertThat(livez(bundle("both.crt"))).isEqualTo("ok\n200");
        for (String name : ApiServiceRegistration.NAMES) {
            cluster.kubectl("wait", "--for=condition=Available", "apiservice/" + name, "--timeout=30s");
        }
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void theApiServicesThatWereMadeGoWithThatOfTheManifests() throws Exception {
        cluster.kubectl("delete", "apiservice", OWN);
        await().atMost(Duration.ofSeconds(90))
                .until(() -> !exists(FOREIGN) && !exists(ApiServiceRegistration.NAMES.getLast()));
    }

    private static boolean exists(String apiService) throws Exception {
        return cluster.tryKubectl("get", "apiservice", apiService).exit() == 0;
    }

    private static String metrics() throws Exception {
        return ofServer("/metrics");
    }

    /** What the server itself answers to who may do everything. */
    private static String ofServer(String path) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("-H", "X-Remote-User: a", "-H", "X-Remote-Group: system:masters"));
        arguments.addAll(certificate("front-proxy-client"));
        arguments.add(url(path));
        return cluster.curl(arguments.toArray(String[]::new)).out();
    }

    /** What clients are to trust, as a file. */
    private static Path bundle(String file) throws Exception {
        return Files.writeString(
                folder.resolve(file),
                cluster.kubectl("get", "configmap", "kpod-ca", "-n", "kpod", "-o", "jsonpath={.data.ca\\.crt}"));
    }

    private static String livez(Path trusted) throws Exception {
        return cluster.curl(
                        "--no-insecure",
                        "--cacert",
                        trusted.toString(),
                        "--resolve",
                        "kpod-api-server.kpod.svc:" + server.port() + ":" + ControlPlane.ADDRESS,
                        "https://kpod-api-server.kpod.svc:" + server.port() + "/livez")
                .out();
    }

    private static String get(List<String> headers, List<String> certificate) throws Exception {
        List<String> arguments = new ArrayList<>(headers);
        arguments.addAll(certificate);
        arguments.add(url(PODS));
        return cluster.curl(arguments.toArray(String[]::new)).out();
    }

    private static String push(String token, byte[] summary) throws Exception {
        Path body = Files.write(folder.resolve("summary"), summary);
        return cluster.curl(
                        "-H",
                        "Authorization: Bearer " + token,
                        "-H",
                        "Content-Type: application/x-protobuf",
                        "--data-binary",
                        "@" + body,
                        "https://" + ControlPlane.ADDRESS + ":8443/ingest/v1/summaries")
                .out();
    }

    private static ContainerIdentity identity(String pod) throws Exception {
        String uid = cluster.kubectl("get", "pod", pod, "-n", "shop", "-o", "jsonpath={.metadata.uid}");
        return new ContainerIdentity("shop", pod, uid, "app", "c1", 0);
    }

    private static List<String> certificate(String name) {
        return List.of(
                "--cert",
                cluster.pki(name + ".crt").toString(),
                "--key",
                cluster.pki(name + ".key").toString());
    }

    private static List<String> signed(CertificateAuthority authority, String user) throws Exception {
        KeyAndChain client = authority.signClient(user, "nobody", Instant.now(), Duration.ofHours(1));
        Path pem = Files.createTempFile(folder, "client", ".pem");
        Files.writeString(pem, Pem.write(List.of(client.leaf())) + Pem.write(client.key()));
        return List.of("--cert", pem.toString());
    }

    private static CertificateAuthority authority(String name) throws Exception {
        return CertificateAuthority.fromPem(
                Files.readString(cluster.pki(name + ".crt")), Files.readString(cluster.pki(name + ".key")));
    }

    private static String token(String account, String... more) throws Exception {
        return Installation.token(cluster, account, more);
    }

    private static String serverToken() throws Exception {
        return token("kpod-api-server", "--duration=2h");
    }

    private static String caBundle(String name) throws Exception {
        return cluster.kubectl("get", "apiservice", name, "-o", "jsonpath={.spec.caBundle}");
    }

    private static String url(String path) {
        return "https://" + ControlPlane.ADDRESS + ":" + server.port() + path;
    }

    private static int code(String answer) {
        return Integer.parseInt(answer.substring(answer.lastIndexOf('\n') + 1));
    }
}
