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
 * {@code kpod doctor} as its users start it, against a real control plane in which one thing after the other is broken,
 * found and put right. Each assertion waits until the cluster and the server have taken notice.
 */
@Timeout(900)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DoctorTest {
    private static final String HPA_CONTROLLER = "system:controller:horizontal-pod-autoscaler";
    private static final String OWN = ApiServiceRegistration.NAMES.getFirst();
    private static final String LAST = ApiServiceRegistration.NAMES.getLast();
    private static final String SERVICE = "kpod-api-server";
    private static final String SERVER_NAME = SERVICE + ".kpod.svc";
    private static final int OTHER_PORT = 6445;

    @TempDir
    static Path folder;

    private static ControlPlane cluster;
    private static Patient patient;

    @BeforeAll
    static void start() throws Exception {
        cluster = ControlPlane.start();
        patient = new Patient(cluster, folder);
    }

    @AfterAll
    static void stop() throws Exception {
        if (patient != null) {
            patient.close();
        }
        if (cluster != null) {
            cluster.stop();
        }
    }

    @Test
    @Order(1)
    void nothingIsFoundInAnInstallationThatWorks() {
        assertHealthy();
    }

    @Test
    @Order(2)
    void aClusterThatCantBeAskedIsSaid() throws Exception {
        String nobody = "https://" + ControlPlane.ADDRESS + ":1";
        Path kubeconfig = Files.writeString(
                folder.resolve("nobody-listens"),
                cluster.kubeconfig().replaceAll("server: \"[^\"]+\"", "server: \"" + nobody + "\""));
        assertThat(patient.doctor(kubeconfig))
                .isEqualTo(new ControlPlane.Result(
                        2,
                        "",
                        "kube-apiserver at " + nobody + "/: can't be asked: connection refused;"
                                + " way out: --kubeconfig FILE and --context NAME choose another\n"));
        assertThat(cluster.java(Kpod.class, "doctor", "--wrong").exit()).isEqualTo(2);
    }

    @Test
    @Order(3)
    void whoMayNotAskIsToldSoAndItIsNoHealth() throws Exception {
        Path nobody = kubeconfig(patient.kubectl("create token default -n shop").strip());
        ControlPlane.Result result = patient.doctor(nobody);
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.out())
                .contains("APIServices: can't be looked at: ", "forbidden", "; way out: ask as an administrator");
    }

    @Test
    @Order(4)
    void theManifestsForTheClusterGiveTheRightsThatItNeeds() throws Exception {
        patient.applyManifests("doctor/rbac");
        assertHealthy(kubeconfig(Installation.token(cluster, "kpod-doctor")));
    }

    @Test
    void anApiServiceThatLeadsElsewhereOrTrustsAnybody() throws Exception {
        patient.patch("apiservice " + OWN, "{spec: {service: {name: other}}}");
        assertFound(
                "APIService " + OWN + ": points to Service kpod/other instead of Service kpod/kpod-api-server;",
                "kubectl apply -f manifests/kustomize/api-server/apiservices.yaml");
        patient.patch(
                "apiservice " + OWN,
                "{spec: {service: {name: kpod-api-server}, caBundle: null, insecureSkipTLSVerify: true}}");
        assertFound("APIService " + OWN + ": insecureSkipTLSVerify: true", "--type=merge");
        patient.patch("apiservice " + OWN, "{spec: {insecureSkipTLSVerify: null}}");
        assertHealthy();
    }

    @Test
    void anApiServiceThatIsNotThere() throws Exception {
        patient.kubectl("delete apiservice " + OWN);
        assertFound("APIService " + OWN + ": does not exist", "api-server/apiservices.yaml");
        patient.applyManifests("api-server/apiservices");
        assertHealthy();
    }

    @Test
    void anApiServiceWithoutACaBundleThatTheServerMayNotPutRight() throws Exception {
        patient.kubectl("delete clusterrolebinding kpod-api-server");
        assertFound(
                "ServiceAccount kpod/kpod-api-server: can't keep its APIServices right, for it may not"
                        + " create apiservices.apiregistration.k8s.io, get apiservices.apiregistration.k8s.io " + OWN,
                "api-server/rbac.yaml (ClusterRole kpod-api-server)");
        assertFound("ServiceAccount kpod/kpod-api-server: can't follow pods, their nodes and owners", "get pods");
        patient.patch("apiservice " + OWN, "{spec: {caBundle: null}}");
        assertFound("APIService " + OWN + ": has no caBundle", "kubectl logs -n kpod deploy/kpod-api-server");
        CertificateAuthority wrong = CertificateAuthority.create("wrong", Instant.now());
        patient.patch("apiservice " + OWN, "{spec: {caBundle: " + base64(Pem.write(wrong.authorities())) + "}}");
        assertFound(
                "certificate of 10.88.0.1:6443: is signed by ",
                "and the caBundle of APIService " + OWN + " does not hold that authority");
        patient.kubectl("delete apiservice " + LAST);
        assertFound("APIService " + LAST + ": does not exist, though nobody else has its group");
        patient.applyManifests("api-server/rbac");
        assertHealthy();
    }

    @Test
    void anotherAdapterThatHasAGroup() throws Exception {
        Installation.foreignApiService(cluster, folder, "v1beta1.custom.metrics.k8s.io");
        assertFound(
                "custom.metrics.k8s.io: belongs to Service other/adapter, so no HPA gets kpod's metrics from it;",
                "kpod.api.custom-metrics-adapter=other/adapter");
        patient.kubectl("delete apiservice v1beta1.custom.metrics.k8s.io");
        assertHealthy();
    }

    @Test
    void aServiceThatIsNotThereOrLacksAPort() throws Exception {
        patient.patch("service " + SERVICE, "{spec: {ports: [{name: web, port: 444}]}}");
        assertFound("Service kpod/kpod-api-server: has no port 443, which the APIServices ask for; it has 444 \"web\"");
        assertFound("Service kpod/kpod-api-server: has no port named \"ingest\", which agents look for");
        patient.kubectl("delete service kpod-api-server -n kpod");
        assertFound("Service kpod/kpod-api-server: does not exist", "api-server/service.yaml");
        patient.applyManifests("api-server/service");
        patient.patch("service " + SERVICE, "{spec: {selector: null}}");
        Installation.endpoint(cluster, folder, 6443, 8443); // was collected with the Service
        assertHealthy();
    }

    @Test
    void anEndpointSliceOfOtherPortsOrUnreadyEndpointsOrNone() throws Exception {
        String slice = "kpod-api-server-6443";
        patient.patch("endpointslice " + slice, "{ports: [{name: web, port: 6443}, {name: ingest, port: 8443}]}");
        assertFound("Service kpod/kpod-api-server: its port 443 is named \"https\","
                + " those of its EndpointSlices \"web\", \"ingest\";");
        Installation.endpoint(cluster, folder, 6443, 8443);
        patient.patch("endpointslice " + slice, "{endpoints: [{addresses: [10.88.0.1], conditions: {ready: false}}]}");
        assertFound("Service kpod/kpod-api-server: no endpoint of its port \"https\" is ready");
        Installation.noEndpoint(cluster, 6443);
        assertFound("Service kpod/kpod-api-server: has no endpoint: no pod matches its selector");
        Installation.endpoint(cluster, folder, 6443, 8443);
        assertHealthy();
    }

    @Test
    void podsOfTheServerThatAreNotReadyOrNotThere() throws Exception {
        patient.patch("service " + SERVICE, "{spec: {selector: {app.kubernetes.io/name: kpod-api-server}}}");
        assertFound("pods of the api-server: there is none with the labels of Service kpod/kpod-api-server");
        cluster.apply(folder, """
                apiVersion: v1
                kind: Pod
                metadata: {name: server-1, namespace: kpod, labels: {app.kubernetes.io/name: kpod-api-server}}
                spec: {nodeName: n1, containers: [{name: api-server, image: none}]}
                """);
        patient.patchStatus("pod server-1", """
                {phase: Running, containerStatuses: [{name: api-server, image: '', imageID: '', ready: false, restartCount: 3,
                  state: {waiting: {reason: CrashLoopBackOff}},
                  lastState: {terminated: {exitCode: 1, reason: Error, message: "a line\\nport 6443 is in use\\n"}}}]}
                """);
        assertFound(
                "pod kpod/server-1: container api-server waits: CrashLoopBackOff, restarted 3 times,"
                        + " ended last with 1 (Error): port 6443 is in use;",
                "kubectl logs -n kpod server-1");
        patient.ready("server-1");
        assertHealthy();
        patient.patch("service " + SERVICE, "{spec: {selector: null}}");
        patient.kubectl("delete pod server-1 -n kpod --force --grace-period=0");
        patient.kubectl("delete endpointslice -n kpod"
                + " -l endpointslice.kubernetes.io/managed-by=endpointslice-controller.k8s.io");
        assertHealthy();
    }

    @Test
    void certificatesThatAreForAnotherNameOrOutOfTimeOrSomebodyElses() throws Exception {
        CertificateAuthority stranger = CertificateAuthority.create("stranger", Instant.now());
        CertificateAuthority ours = CertificateAuthority.fromPem(ourAuthority("ca\\.crt"), ourAuthority("ca\\.key"));
        Installation.endpoint(cluster, folder, OTHER_PORT, 8443);
        String subject = "certificate of 10.88.0.1:" + OTHER_PORT + ": ";
        assertFound(subject + "can't be had: ");
        Instant now = Instant.now();
        Duration day = Duration.ofDays(1);
        List<InetAddress> noAddress = List.of();
        assertFoundWith(
                ours.signServer(List.of("other.kpod.svc"), noAddress, now, day),
                subject + "is for [other.kpod.svc] and not for " + SERVER_NAME,
                "--kpod.api.service=kpod-api-server --kpod.api.namespace=kpod");
        assertFoundWith(
                ours.signServer(List.of(SERVER_NAME), noAddress, now.minus(day.multipliedBy(2)), day),
                subject + "has expired at ");
        assertFoundWith(
                ours.signServer(List.of(SERVER_NAME), noAddress, now.plus(day), day), subject + "is valid only from ");
        assertFoundWith(
                stranger.signServer(List.of(SERVER_NAME), noAddress, now, day),
                subject + "is signed by CN=stranger, and the caBundle of APIService " + OWN);
        Installation.noEndpoint(cluster, OTHER_PORT);
        assertHealthy();
    }

    @Test
    void aFrontProxyWhoseCertificatesCantBeRead() throws Exception {
        String before = patient.kubectl("get configmap extension-apiserver-authentication -n kube-system"
                + " -o jsonpath={.data.requestheader-client-ca-file}");
        frontProxies(before + "-----BEGIN CERTIFICATE-----\nYnJva2Vu\n-----END CERTIFICATE-----\n");
        assertFound(
                "ConfigMap kube-system/extension-apiserver-authentication: requestheader-client-ca-file can't be used",
                "start the kube-apiserver with --requestheader-client-ca-file");
        frontProxies(before);
        assertHealthy();
    }

    @Test
    void rightsThatAreMissing() throws Exception {
        patient.kubectl("delete clusterrolebinding kpod-autoscaling-hpa kpod-api-server-auth-delegator "
                + HPA_CONTROLLER); // the core's own gives the HPA these rights too
        patient.kubectl("delete rolebinding kpod-api-server-auth-reader -n kube-system");
        patient.kubectl("delete rolebinding kpod-api-server kpod-node-agent -n kpod");
        patient.kubectl("delete clusterrole kpod-kernelmetrics-reader");
        String autoscaler = "ServiceAccount kube-system/horizontal-pod-autoscaler: ";
        String server = "ServiceAccount kpod/kpod-api-server: ";
        String readers = "api-server/readers.yaml (ClusterRoleBinding kpod-autoscaling-hpa)";
        assertFound(autoscaler + "can't read custom metrics", readers);
        assertFound(autoscaler + "can't read external metrics", readers);
        assertFound(
                server + "can't ask who somebody is and what they may", "create tokenreviews.authentication.k8s.io");
        assertFound(server + "can't read by whose certificates the kube-apiserver is known");
        assertFound(server + "can't keep the authority that its replicas share");
        assertFound("ServiceAccount kpod/kpod-node-agent: can't find out where to push");
        assertFound("ClusterRole view: does not let its users read kernelmetrics.kpod.io");
        patient.applyManifests("api-server/readers", "api-server/delegation", "api-server/rbac", "node-agent/rbac");
        patient.kubectl("create clusterrolebinding " + HPA_CONTROLLER + " --clusterrole=" + HPA_CONTROLLER
                + " --serviceaccount=kube-system:horizontal-pod-autoscaler");
        assertHealthy();
    }

    @Test
    void agentsThatAreNotReadyOrNotThere() throws Exception {
        patient.patchStatus("pod " + patient.agentPod("n2"), """
                {conditions: [{type: Ready, status: 'False', reason: ContainersNotReady,
                  message: 'containers with unready status: [node-agent]'}]}
                """);
        assertFound("agent on node n2: ContainersNotReady: containers with unready status: [node-agent];", "kubectl");
        patient.ready(patient.agentPod("n2"));
        patient.kubectl("label node n2 kubernetes.io/os=none --overwrite");
        assertHealthy(); // a node of another system needs no agent
        patient.kubectl("label node n2 kubernetes.io/os=linux --overwrite");
        patient.patch(
                "daemonset kpod-node-agent", "{spec: {template: {spec: {nodeSelector: {kubernetes.io/os: plan9}}}}}");
        await().atMost(Patient.SOON)
                .untilAsserted(() -> {
                    patient.kubectl(
                            "delete pod -n kpod -l app.kubernetes.io/name=kpod-node-agent --force --grace-period=0"); // there is no kubelet
                    assertSaid("agent on nodes n1, n2: there is no pod of DaemonSet kpod-node-agent", "nodeSelector");
                });
        patient.kubectl("delete daemonset kpod-node-agent -n kpod");
        assertFound("DaemonSet kpod/kpod-node-agent: does not exist", "kubectl apply -k manifests/kustomize");
        patient.applyManifests("node-agent/daemonset");
        patient.startAgents();
        assertHealthy();
    }

    @Test
    void agentsThatAreSilentAndKernelsThatLackSomething() throws Exception {
        TestAgent agent = Patient.agent("n1");
        agent.collectors(
                new CollectorReport("cpu", true, "tp_btf"), new CollectorReport("tcp", false, "no BTF in this kernel"));
        agent.overflowed(7);
        patient.tells("n1", agent);
        assertFound("collector tcp on node n1: is off: no BTF in this kernel;", "node-agent/KERNELS.md");
        assertFound(
                "agent on node n1: had no slot for 7 containers, which are counted together;",
                "raise kpod.bpf.max-containers in ConfigMap kpod-node-agent");
        patient.tells("n1", Patient.agent("n1"));
        patient.isSilent("n2");
        assertFound("agent on node n2: ", " last heard ", "kubectl logs -n kpod");
        patient.tells("n2", Patient.agent("n2"));
        assertHealthy();
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void aServerThatIsGoneAndItsApiServicesKeepNamespacesFromBeingDeleted() throws Exception {
        patient.endServer();
        for (String name : ApiServiceRegistration.NAMES) {
            assertFound(
                    "APIService " + name + ": not Available (FailedDiscoveryCheck: ",
                    "no namespace of the cluster can be deleted",
                    "start kpod-api-server again",
                    "kubectl delete apiservice " + OWN);
        }
        assertFound("agents and kernels of the nodes: can't be looked at: ");
        patient.kubectl("delete namespace shop --wait=false");
        await().atMost(Patient.SOON)
                .untilAsserted(() -> assertThat(patient.kubectl("get namespace shop -o jsonpath={.status.conditions}"))
                        .contains("DiscoveryFailed"));
        patient.kubectl("delete apiservice " + OWN); // the second way out
        await().atMost(Patient.SOON)
                .untilAsserted(
                        () -> assertThat(patient.kubectl("get namespaces")).doesNotContain("shop"));
        assertThat(patient.kubectl("get apiservices")).doesNotContain("metrics.k8s.io", "kpod");
    }

    /** A certificate, shown by a program that is not kpod, is found to be wrong. */
    private static void assertFoundWith(KeyAndChain shown, String begin, String... parts) throws Exception {
        Path pem = Files.writeString(
                folder.resolve("shown.pem"), Pem.write(List.of(shown.leaf())) + Pem.write(shown.key()));
        String address = ControlPlane.ADDRESS + ":" + OTHER_PORT;
        Process showing = new ProcessBuilder(cluster.inside(
                        "openssl", "s_server", "-quiet", "-accept", address, "-cert", pem + "", "-key", pem + ""))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("s_server.log").toFile())
                .start();
        try {
            assertFound(begin, parts);
            assertThat(showing.isAlive()).isTrue();
        } finally {
            showing.destroyForcibly().waitFor();
        }
    }

    private static void assertFound(String begin, String... parts) {
        await().atMost(Patient.SOON).untilAsserted(() -> assertSaid(begin, parts));
    }

    /** One line begins so, has these parts and a way out. */
    private static void assertSaid(String begin, String... parts) throws Exception {
        ControlPlane.Result result = patient.doctor();
        assertThat(result.error()).isEmpty();
        assertThat(result.out().lines())
                .anyMatch(line -> line.startsWith(begin)
                        && line.contains("; way out: ")
                        && List.of(parts).stream().allMatch(line::contains));
        assertThat(result.exit()).isEqualTo(1);
    }

    private static void assertHealthy() {
        assertHealthy(cluster.kubeconfigFile());
    }

    private static void assertHealthy(Path kubeconfig) {
        await().atMost(Patient.SOON)
                .untilAsserted(() -> assertThat(patient.doctor(kubeconfig))
                        .isEqualTo(new ControlPlane.Result(
                                0, "kpod in namespace kpod: nothing found, 10 things looked at\n", "")));
    }

    /** Of whoever has that token. */
    private static Path kubeconfig(String token) throws Exception {
        return Files.writeString(
                Files.createTempFile(folder, "kubeconfig", ""), ServerProcess.kubeconfig(cluster, token));
    }

    private static void frontProxies(String pem) throws Exception {
        patient.patch(
                "configmap extension-apiserver-authentication -n kube-system",
                "{data: {requestheader-client-ca-file: \"" + pem.replace("\n", "\\n") + "\"}}");
    }

    /** Of the Secret that the server made. */
    private static String ourAuthority(String key) throws Exception {
        String found = patient.kubectl("get secret kpod-ca -n kpod -o jsonpath={.data." + key + "}");
        return new String(Base64.getDecoder().decode(found), StandardCharsets.US_ASCII);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
