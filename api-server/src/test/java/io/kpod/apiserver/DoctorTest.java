package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.apiserver.certificate.CertificateAuthority;
import io.kpod.apiserver.certificate.KeyAndChain;
import io.kpod.apiserver.certificate.Pem;
import io.kpod.apiserver.registration.ApiServiceRegistration;
import io.kpod.apiserver.window.TestAgent;
import io.kpod.summary.wire.CollectorReport;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kpod doctor} as its users start it, against a real control plane in which one thing after the other is broken
 * and put right. Nodes and their pods are objects alone; the agents' summaries and the server are real.
 */
@Timeout(900)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DoctorTest {
    private static final String HPA_CONTROLLER = "system:controller:horizontal-pod-autoscaler";
    private static final String OWN = ApiServiceRegistration.NAMES.getFirst();
    private static final List<String> NODES = List.of("n1", "n2");
    private static final Duration SOON = Duration.ofSeconds(180);
    private static final Path MANIFESTS = ControlPlane.project().resolve("manifests/kustomize");
    private static final int OTHER_PORT = 6445;
    private static final String SERVER_NAME = "kpod-api-server.kpod.svc";

    @TempDir
    static Path folder;

    private static final Map<String, TestAgent> AGENTS = new HashMap<>();
    private static final Map<String, String> TOKENS = new HashMap<>();

    private static ControlPlane cluster;
    private static ServerProcess server;

    @BeforeAll
    static void start() throws Exception {
        cluster = ControlPlane.start();
        Installation.apply(cluster, folder);
        for (String node : NODES) {
            cluster.kubectl("label", "node", node, "kubernetes.io/os=linux");
            cluster.kubectl(
                    "patch",
                    "node",
                    node,
                    "--subresource=status",
                    "--type=merge",
                    "-p",
                    "{\"status\":{\"allocatable\":{\"cpu\":\"4\",\"memory\":\"8Gi\",\"pods\":\"110\"}}}");
        }
        applyManifests("node-agent/rbac", "node-agent/settings", "node-agent/daemonset");
        startAgents();
        server = new ServerProcess(
                cluster, folder, Installation.token(cluster, "kpod-api-server", "--duration=2h"), 6443, 8443);
        for (String name : ApiServiceRegistration.NAMES) {
            await().atMost(SOON)
                    .until(() -> cluster.tryKubectl("get", "apiservice", name).exit() == 0);
            cluster.kubectl("wait", "--for=condition=Available", "apiservice/" + name, "--timeout=60s");
        }
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
    void nothingIsFoundInAnInstallationThatWorks() throws Exception {
        assertHealthy();
    }

    @Test
    @Order(2)
    void aClusterThatCantBeAskedIsSaid() throws Exception {
        Path nobodyListens = Files.writeString(
                folder.resolve("nobody-listens"),
                cluster.kubeconfig()
                        .replaceAll("server: \"[^\"]+\"", "server: \"https://" + ControlPlane.ADDRESS + ":1\""));
        ControlPlane.Result noCluster = cluster.java(Kpod.class, "doctor", "--kubeconfig", nobodyListens.toString());
        assertThat(noCluster.exit()).isEqualTo(2);
        assertThat(noCluster.error())
                .isEqualTo(
                        "kube-apiserver at https://" + ControlPlane.ADDRESS + ":1/: can't be asked: connection refused;"
                                + " way out: --kubeconfig FILE and --context NAME choose another\n");
        assertThat(cluster.java(Kpod.class, "doctor", "--wrong").exit()).isEqualTo(2);
    }

    @Test
    @Order(3)
    void whoMayNotAskIsToldSoAndItIsNoHealth() throws Exception {
        Path nobody = Files.writeString(
                folder.resolve("nobody"),
                ServerProcess.kubeconfig(
                        cluster,
                        cluster.kubectl("create", "token", "default", "-n", "shop")
                                .strip()));
        assertThat(cluster.java(Kpod.class, "doctor", "--kubeconfig", nobody.toString()))
                .matches(result -> result.exit() == 1)
                .extracting(ControlPlane.Result::out)
                .asString()
                .contains("APIServices: can't be looked at: ", "forbidden", "; way out: ask as an administrator");
    }

    @Test
    @Order(4)
    void theManifestsForTheClusterGiveTheRightsThatItNeeds() throws Exception {
        cluster.kubectl("apply", "-f", MANIFESTS.resolve("doctor/rbac.yaml").toString());
        Path inCluster = Files.writeString(
                folder.resolve("in-cluster"),
                ServerProcess.kubeconfig(cluster, Installation.token(cluster, "kpod-doctor")));
        await().atMost(SOON).untilAsserted(() -> assertHealthy(inCluster));
    }

    @Test
    void anApiServiceThatLeadsElsewhereOrTrustsAnybody() throws Exception {
        patch("apiservice", OWN, "{\"spec\":{\"service\":{\"name\":\"other\"}}}");
        assertFound(
                "APIService " + OWN + ": points to Service kpod/other instead of Service kpod/kpod-api-server;",
                "kubectl apply -f manifests/kustomize/api-server/apiservices.yaml");
        patch(
                "apiservice",
                OWN,
                "{\"spec\":{\"service\":{\"name\":\"kpod-api-server\"},\"caBundle\":null,\"insecureSkipTLSVerify\":true}}");
        assertFound("APIService " + OWN + ": insecureSkipTLSVerify: true", "--type=merge");
        patch("apiservice", OWN, "{\"spec\":{\"insecureSkipTLSVerify\":null}}");
        healed();
    }

    @Test
    void anApiServiceThatIsNotThere() throws Exception {
        cluster.kubectl("delete", "apiservice", OWN);
        assertFound("APIService " + OWN + ": does not exist", "api-server/apiservices.yaml");
        applyManifests("api-server/apiservices");
        healed();
    }

    @Test
    void anApiServiceWithoutACaBundleThatTheServerMayNotPutRight() throws Exception {
        cluster.kubectl("delete", "clusterrolebinding", "kpod-api-server");
        // the rights are gone when the authorizer has heard of it
        await().atMost(SOON)
                .untilAsserted(() -> assertFound(
                        "ServiceAccount kpod/kpod-api-server: can't keep its APIServices right, for it may not create apiservices.apiregistration.k8s.io, get apiservices.apiregistration.k8s.io "
                                + OWN,
                        "api-server/rbac.yaml (ClusterRole kpod-api-server)"));
        assertFound("ServiceAccount kpod/kpod-api-server: can't follow pods, their nodes and owners", "get pods");
        patch("apiservice", OWN, "{\"spec\":{\"caBundle\":null}}");
        assertFound("APIService " + OWN + ": has no caBundle", "kubectl logs -n kpod deploy/kpod-api-server");
        CertificateAuthority wrong = CertificateAuthority.create("wrong", Instant.now());
        patch("apiservice", OWN, "{\"spec\":{\"caBundle\":\"" + base64(Pem.write(wrong.authorities())) + "\"}}");
        assertFound(
                "certificate of 10.88.0.1:6443: is signed by ",
                "and the caBundle of APIService " + OWN + " does not hold that authority");
        cluster.kubectl("delete", "apiservice", ApiServiceRegistration.NAMES.getLast());
        assertFound("APIService " + ApiServiceRegistration.NAMES.getLast()
                + ": does not exist, though nobody else has its group");
        applyManifests("api-server/rbac");
        healed();
    }

    @Test
    void anotherAdapterThatHasAGroup() throws Exception {
        Installation.foreignApiService(cluster, folder, "v1beta1.custom.metrics.k8s.io");
        assertFound(
                "custom.metrics.k8s.io: belongs to Service other/adapter, so no HPA gets kpod's metrics from it;",
                "kpod.api.custom-metrics-adapter=other/adapter");
        cluster.kubectl("delete", "apiservice", "v1beta1.custom.metrics.k8s.io");
        healed();
    }

    @Test
    void aServiceThatIsNotThereOrLacksAPort() throws Exception {
        patch("service", "kpod-api-server", "{\"spec\":{\"ports\":[{\"name\":\"web\",\"port\":444}]}}");
        assertFound("Service kpod/kpod-api-server: has no port 443, which the APIServices ask for; it has 444 \"web\"");
        assertFound("Service kpod/kpod-api-server: has no port named \"ingest\", which agents look for");
        cluster.kubectl("delete", "service", "kpod-api-server", "-n", "kpod");
        assertFound("Service kpod/kpod-api-server: does not exist", "api-server/service.yaml");
        applyManifests("api-server/service");
        patch("service", "kpod-api-server", "{\"spec\":{\"selector\":null}}");
        Installation.endpoint(cluster, folder, 6443, 8443); // was collected with the Service
        healed();
    }

    @Test
    void anEndpointSliceOfOtherPortsOrUnreadyEndpointsOrNone() throws Exception {
        String slice = "kpod-api-server-6443";
        patch(
                "endpointslice",
                slice,
                "{\"ports\":[{\"name\":\"web\",\"port\":6443},{\"name\":\"ingest\",\"port\":8443}]}");
        assertFound(
                "Service kpod/kpod-api-server: its port 443 is named \"https\", those of its EndpointSlices \"web\", \"ingest\";");
        Installation.endpoint(cluster, folder, 6443, 8443);
        patch(
                "endpointslice",
                slice,
                "{\"endpoints\":[{\"addresses\":[\"" + ControlPlane.ADDRESS
                        + "\"],\"conditions\":{\"ready\":false}}]}");
        assertFound("Service kpod/kpod-api-server: no endpoint of its port \"https\" is ready");
        Installation.noEndpoint(cluster, 6443);
        assertFound("Service kpod/kpod-api-server: has no endpoint: no pod matches its selector");
        Installation.endpoint(cluster, folder, 6443, 8443);
        healed();
    }

    @Test
    void podsOfTheServerThatAreNotReadyOrNotThere() throws Exception {
        patch(
                "service",
                "kpod-api-server",
                "{\"spec\":{\"selector\":{\"app.kubernetes.io/name\":\"kpod-api-server\"}}}");
        assertFound("pods of the api-server: there is none with the labels of Service kpod/kpod-api-server");
        cluster.apply(folder, """
                apiVersion: v1
                kind: Pod
                metadata: {name: server-1, namespace: kpod, labels: {app.kubernetes.io/name: kpod-api-server}}
                spec: {nodeName: n1, containers: [{name: api-server, image: none}]}
                """);
        podStatus(
                "server-1",
                "{\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"api-server\",\"image\":\"\",\"imageID\":\"\",\"ready\":false,"
                        + "\"restartCount\":3,\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}},\"lastState\":{\"terminated\":"
                        + "{\"exitCode\":1,\"reason\":\"Error\",\"message\":\"a line\\nport 6443 is in use\\n\"}}}]}");
        assertFound(
                "pod kpod/server-1: container api-server waits: CrashLoopBackOff, restarted 3 times, ended last with 1 (Error): port 6443 is in use;",
                "kubectl logs -n kpod server-1");
        ready("server-1");
        assertHealthy();
        patch("service", "kpod-api-server", "{\"spec\":{\"selector\":null}}");
        cluster.kubectl("delete", "pod", "server-1", "-n", "kpod", "--force", "--grace-period=0");
        cluster.kubectl(
                "delete",
                "endpointslice",
                "-n",
                "kpod",
                "-l",
                "endpointslice.kubernetes.io/managed-by=endpointslice-controller.k8s.io");
        healed();
    }

    @Test
    void certificatesThatAreForAnotherNameOrOutOfTimeOrSomebodyElses() throws Exception {
        CertificateAuthority stranger = CertificateAuthority.create("stranger", Instant.now());
        CertificateAuthority ours = ours();
        Installation.endpoint(cluster, folder, OTHER_PORT, 8443);
        String subject = "certificate of 10.88.0.1:" + OTHER_PORT + ": ";
        assertFound(subject + "can't be had: ");
        Instant now = Instant.now();
        Duration day = Duration.ofDays(1);
        assertFoundWith(
                ours.signServer(List.of("other.kpod.svc"), List.<InetAddress>of(), now, day),
                subject + "is for [other.kpod.svc] and not for " + SERVER_NAME,
                "--kpod.api.service=kpod-api-server --kpod.api.namespace=kpod");
        assertFoundWith(
                ours.signServer(List.of(SERVER_NAME), List.<InetAddress>of(), now.minus(day.multipliedBy(2)), day),
                subject + "has expired at ");
        assertFoundWith(
                ours.signServer(List.of(SERVER_NAME), List.<InetAddress>of(), now.plus(day), day),
                subject + "is valid only from ");
        assertFoundWith(
                stranger.signServer(List.of(SERVER_NAME), List.<InetAddress>of(), now, day),
                subject + "is signed by CN=stranger, and the caBundle of APIService " + OWN);
        Installation.noEndpoint(cluster, OTHER_PORT);
        healed();
    }

    @Test
    void aFrontProxyWhoseCertificatesCantBeRead() throws Exception {
        String path = "{.data.requestheader-client-ca-file}";
        String before = cluster.kubectl(
                "get",
                "configmap",
                "extension-apiserver-authentication",
                "-n",
                "kube-system",
                "-o",
                "jsonpath=" + path);
        frontProxies(before + "-----BEGIN CERTIFICATE-----\nYnJva2Vu\n-----END CERTIFICATE-----\n");
        assertFound(
                "ConfigMap kube-system/extension-apiserver-authentication: requestheader-client-ca-file can't be used",
                "start the kube-apiserver with --requestheader-client-ca-file");
        frontProxies(before);
        healed();
    }

    @Test
    void rightsThatAreMissing() throws Exception {
        cluster.kubectl(
                "delete",
                "clusterrolebinding",
                "kpod-autoscaling-hpa",
                "kpod-api-server-auth-delegator",
                HPA_CONTROLLER); // the core's own gives the HPA these rights too
        cluster.kubectl("delete", "rolebinding", "kpod-api-server-auth-reader", "-n", "kube-system");
        cluster.kubectl("delete", "rolebinding", "kpod-api-server", "kpod-node-agent", "-n", "kpod");
        cluster.kubectl("delete", "clusterrole", "kpod-kernelmetrics-reader");
        await().atMost(SOON).untilAsserted(() -> {
            String found = doctor(kubeconfig()).out();
            assertThat(found.lines())
                    .anyMatch(line -> line.startsWith(
                                    "ServiceAccount kube-system/horizontal-pod-autoscaler: can't read custom metrics")
                            && line.endsWith("api-server/readers.yaml (ClusterRoleBinding kpod-autoscaling-hpa)"))
                    .anyMatch(line -> line.startsWith(
                            "ServiceAccount kube-system/horizontal-pod-autoscaler: can't read external metrics"))
                    .anyMatch(line -> line.startsWith(
                                    "ServiceAccount kpod/kpod-api-server: can't ask who somebody is and what they may")
                            && line.contains("create tokenreviews.authentication.k8s.io"))
                    .anyMatch(
                            line -> line.startsWith(
                                    "ServiceAccount kpod/kpod-api-server: can't read by whose certificates the kube-apiserver is known"))
                    .anyMatch(line -> line.startsWith(
                            "ServiceAccount kpod/kpod-api-server: can't keep the authority that its replicas share"))
                    .anyMatch(line ->
                            line.startsWith("ServiceAccount kpod/kpod-node-agent: can't find out where to push"))
                    .anyMatch(line ->
                            line.startsWith("ClusterRole view: does not let its users read kernelmetrics.kpod.io"));
        });
        applyManifests("api-server/readers", "api-server/delegation", "api-server/rbac", "node-agent/rbac");
        cluster.kubectl(
                "create",
                "clusterrolebinding",
                HPA_CONTROLLER,
                "--clusterrole=" + HPA_CONTROLLER,
                "--serviceaccount=kube-system:horizontal-pod-autoscaler");
        healed();
    }

    @Test
    void agentsThatAreNotReadyOrNotThere() throws Exception {
        podStatus(
                agentPod("n2"),
                "{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\",\"reason\":\"ContainersNotReady\",\"message\":\"containers with unready status: [node-agent]\"}]}");
        assertFound("agent on node n2: ContainersNotReady: containers with unready status: [node-agent];", "kubectl");
        ready(agentPod("n2"));
        cluster.kubectl("label", "node", "n2", "kubernetes.io/os=none", "--overwrite");
        assertHealthy(); // a node of another system needs no agent
        cluster.kubectl("label", "node", "n2", "kubernetes.io/os=linux", "--overwrite");
        patch(
                "daemonset",
                "kpod-node-agent",
                "{\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"kubernetes.io/os\":\"plan9\"}}}}}");
        await().atMost(SOON).untilAsserted(() -> {
            cluster.kubectl(
                    "delete",
                    "pod",
                    "-l",
                    "app.kubernetes.io/name=kpod-node-agent",
                    "-n",
                    "kpod",
                    "--force",
                    "--grace-period=0");
            assertFound("agent on nodes n1, n2: there is no pod of DaemonSet kpod-node-agent", "nodeSelector");
        });
        cluster.kubectl("delete", "daemonset", "kpod-node-agent", "-n", "kpod");
        assertFound("DaemonSet kpod/kpod-node-agent: does not exist", "kubectl apply -k manifests/kustomize");
        applyManifests("node-agent/daemonset");
        startAgents();
        healed();
    }

    @Test
    void agentsThatAreSilentAndKernelsThatLackSomething() throws Exception {
        TestAgent agent = agent("n1");
        AGENTS.put("n1", agent);
        agent.collectors(
                new CollectorReport("cpu", true, "tp_btf"), new CollectorReport("tcp", false, "no BTF in this kernel"));
        agent.overflowed(7);
        assertFound("collector tcp on node n1: is off: no BTF in this kernel;", "node-agent/KERNELS.md");
        assertFound(
                "agent on node n1: had no slot for 7 containers, which are counted together;",
                "raise kpod.bpf.max-containers in ConfigMap kpod-node-agent");
        AGENTS.remove("n1");
        await().atMost(SOON).untilAsserted(() -> {
            push("n1");
            assertThat(run(kubeconfig()).out())
                    .containsPattern("agent on node n2: .*last heard \\d+s ago.*; way out: ");
        });
        healed();
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void aServerThatIsGoneAndItsApiServicesKeepNamespacesFromBeingDeleted() throws Exception {
        server.end();
        for (String name : ApiServiceRegistration.NAMES) {
            cluster.kubectl("wait", "--for=condition=Available=False", "apiservice/" + name, "--timeout=60s");
        }
        ControlPlane.Result found = run(kubeconfig());
        assertThat(found.exit()).isEqualTo(1);
        for (String name : ApiServiceRegistration.NAMES) {
            assertThat(found.out().lines())
                    .anyMatch(line -> line.startsWith("APIService " + name + ": not Available (FailedDiscoveryCheck: ")
                            && line.contains("no namespace of the cluster can be deleted")
                            && line.contains("start kpod-api-server again")
                            && line.contains("kubectl delete apiservice " + OWN));
        }
        assertThat(found.out()).contains("agents and kernels of the nodes: can't be looked at: ");
        cluster.kubectl("delete", "namespace", "shop", "--wait=false");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(
                                cluster.kubectl("get", "namespace", "shop", "-o", "jsonpath={.status.conditions}"))
                        .contains("DiscoveryFailed"));
        cluster.kubectl("delete", "apiservice", OWN); // the second way out
        cluster.kubectl("wait", "--for=delete", "namespace/shop", "--timeout=120s");
        assertThat(cluster.kubectl("get", "apiservices")).doesNotContain("metrics.k8s.io", "kpod");
    }

    /** The certificate, shown by a program that is not kpod, is found to be wrong. */
    private static void assertFoundWith(KeyAndChain shown, String begin, String... parts) throws Exception {
        Path pem = Files.writeString(
                folder.resolve("shown.pem"), Pem.write(List.of(shown.leaf())) + Pem.write(shown.key()));
        Process showing = new ProcessBuilder(cluster.inside(
                        "openssl",
                        "s_server",
                        "-quiet",
                        "-accept",
                        ControlPlane.ADDRESS + ":" + OTHER_PORT,
                        "-cert",
                        pem.toString(),
                        "-key",
                        pem.toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("s_server.log").toFile())
                .start();
        try {
            await().atMost(SOON)
                    .until(() -> !cluster.curl("https://" + ControlPlane.ADDRESS + ":" + OTHER_PORT)
                                    .error()
                                    .contains("refused")
                            && showing.isAlive());
            assertFound(begin, parts);
        } finally {
            showing.destroyForcibly().waitFor();
        }
    }

    private static void assertFound(String begin, String... parts) throws Exception {
        ControlPlane.Result result = doctor(kubeconfig());
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.error()).isEmpty();
        assertThat(result.out().lines())
                .anyMatch(line -> line.startsWith(begin)
                        && line.contains("; way out: ")
                        && List.of(parts).stream().allMatch(line::contains));
    }

    private static void assertHealthy() throws Exception {
        assertHealthy(kubeconfig());
    }

    private static void assertHealthy(Path kubeconfig) throws Exception {
        assertThat(doctor(kubeconfig))
                .isEqualTo(
                        new ControlPlane.Result(0, "kpod in namespace kpod: nothing found, 10 things looked at\n", ""));
    }

    /** What was put right is found to be right, once the cluster has taken notice. */
    private static void healed() {
        await().atMost(SOON).untilAsserted(DoctorTest::assertHealthy);
    }

    /** Runs it after every agent has told of itself. */
    private static ControlPlane.Result doctor(Path kubeconfig) throws Exception {
        for (String node : NODES) {
            push(node);
        }
        return run(kubeconfig);
    }

    private static ControlPlane.Result run(Path kubeconfig) throws Exception {
        return cluster.java(Kpod.class, "doctor", "--kubeconfig", kubeconfig.toString());
    }

    private static Path kubeconfig() {
        return cluster.kubeconfigFile();
    }

    private static TestAgent agent(String node) {
        TestAgent agent = new TestAgent(node);
        agent.startRestOfNode().count(1, 0, 0, 0);
        return agent;
    }

    private static void push(String node) throws Exception {
        Path body = Files.write(
                folder.resolve("summary"),
                AGENTS.computeIfAbsent(node, DoctorTest::agent).next(Duration.ofSeconds(5)));
        cluster.curl(
                "-H",
                "Authorization: Bearer " + TOKENS.get(node),
                "-H",
                "Content-Type: application/x-protobuf",
                "--data-binary",
                "@" + body,
                "https://" + ControlPlane.ADDRESS + ":8443/ingest/v1/summaries");
    }

    /** Waits for the DaemonSet's pods and says what a kubelet would. */
    private static void startAgents() throws Exception {
        for (String node : NODES) {
            await().atMost(SOON).until(() -> !agentPod(node).isEmpty());
            ready(agentPod(node));
            TOKENS.put(node, Installation.agentToken(cluster, agentPod(node)));
        }
    }

    private static String agentPod(String node) throws Exception {
        return cluster.kubectl(
                "get",
                "pods",
                "-n",
                "kpod",
                "-l",
                "app.kubernetes.io/name=kpod-node-agent",
                "--field-selector=spec.nodeName=" + node,
                "-o",
                "jsonpath={.items[*].metadata.name}");
    }

    private static void ready(String pod) throws Exception {
        podStatus(
                pod,
                "{\"phase\":\"Running\",\"podIP\":\"%1$s\",\"podIPs\":[{\"ip\":\"%1$s\"}],\"containerStatuses\":null,"
                                .formatted(ControlPlane.ADDRESS)
                        + "\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}");
    }

    private static void podStatus(String pod, String status) throws Exception {
        cluster.kubectl(
                "patch",
                "pod",
                pod,
                "-n",
                "kpod",
                "--subresource=status",
                "--type=merge",
                "-p",
                "{\"status\":" + status + "}");
    }

    private static void patch(String kind, String name, String patch) throws Exception {
        cluster.kubectl("patch", kind, name, "-n", "kpod", "--type=merge", "-p", patch);
    }

    private static void frontProxies(String pem) throws Exception {
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

    private static void applyManifests(String... files) throws Exception {
        for (String file : files) {
            cluster.kubectl("apply", "-f", MANIFESTS.resolve(file + ".yaml").toString());
        }
    }

    /** The authority that the server made, with its key. */
    private static CertificateAuthority ours() throws Exception {
        return CertificateAuthority.fromPem(secret("ca\\.crt"), secret("ca\\.key"));
    }

    private static String secret(String key) throws Exception {
        return new String(
                Base64.getDecoder()
                        .decode(cluster.kubectl(
                                "get", "secret", "kpod-ca", "-n", "kpod", "-o", "jsonpath={.data." + key + "}")),
                StandardCharsets.US_ASCII);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
