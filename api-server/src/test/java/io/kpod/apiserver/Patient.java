package io.kpod.apiserver;

import static org.awaitility.Awaitility.await;

import io.kpod.apiserver.registration.ApiServiceRegistration;
import io.kpod.apiserver.window.TestAgent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What {@code kpod doctor} looks at: kpod's manifests in a real control plane, a real server, and agents that tell it of
 * their nodes. Nodes and their pods are objects alone; the test says of them what a kubelet would.
 */
final class Patient implements AutoCloseable {
    /** On a busy machine a run of the doctor takes ten seconds, and a controller's next look half a minute. */
    static final Duration SOON = Duration.ofMinutes(3);

    private static final List<String> NODES = List.of("n1", "n2");
    private static final Duration PUSH_INTERVAL = Duration.ofSeconds(5);
    private static final Path MANIFESTS = ControlPlane.project().resolve("manifests/kustomize");

    private final ControlPlane cluster;
    private final Path folder;
    private final ServerProcess server;
    private final ScheduledExecutorService pushes = Executors.newSingleThreadScheduledExecutor();
    /** Those that are heard, by node. */
    private final Map<String, TestAgent> agents = new ConcurrentHashMap<>();

    private final Map<String, String> tokens = new ConcurrentHashMap<>();

    /** Installs everything and waits until the kube-apiserver reaches the server. */
    Patient(ControlPlane cluster, Path folder) throws Exception {
        this.cluster = cluster;
        this.folder = folder;
        Installation.apply(cluster, folder);
        for (String node : NODES) {
            kubectl("label node " + node + " kubernetes.io/os=linux");
            patchStatus("node " + node, "{allocatable: {cpu: '4', memory: 8Gi, pods: '110'}}");
            agents.put(node, agent(node));
        }
        applyManifests("node-agent/rbac", "node-agent/settings", "node-agent/daemonset");
        startAgents();
        server = new ServerProcess(
                cluster, folder, Installation.token(cluster, "kpod-api-server", "--duration=2h"), 6443, 8443);
        for (String name : ApiServiceRegistration.NAMES) {
            await().atMost(SOON)
                    .until(() -> cluster.tryKubectl("get", "apiservice", name).exit() == 0);
            kubectl("wait --for=condition=Available apiservice/" + name + " --timeout=50s");
        }
        pushes.scheduleAtFixedRate(this::push, 0, PUSH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Runs {@code kpod doctor} as the administrator. */
    ControlPlane.Result doctor() throws Exception {
        return doctor(cluster.kubeconfigFile());
    }

    /** Runs it as whoever a kubeconfig is of. */
    ControlPlane.Result doctor(Path kubeconfig) throws Exception {
        return cluster.java(Kpod.class, "doctor", "--kubeconfig", kubeconfig.toString());
    }

    /** The arguments separated by single spaces. */
    String kubectl(String arguments) throws Exception {
        return cluster.kubectl(arguments.split(" "));
    }

    /** Applies files of manifests/kustomize, named without their ending. */
    void applyManifests(String... files) throws Exception {
        for (String file : files) {
            kubectl("apply -f " + MANIFESTS.resolve(file + ".yaml"));
        }
    }

    /** A merge patch, as YAML, of what kubectl calls so: of namespace kpod unless another is named, or of the cluster. */
    void patch(String object, String patch) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("patch", "-n", "kpod", "--type=merge"));
        arguments.addAll(List.of(object.split(" ")));
        arguments.addAll(List.of("-p", "---\n" + patch)); // kubectl takes what begins with a brace for JSON
        cluster.kubectl(arguments.toArray(String[]::new));
    }

    /** The same of its status alone. */
    void patchStatus(String object, String status) throws Exception {
        patch(object + " --subresource=status", "{status: " + status + "}");
    }

    /** A pod is ready. */
    void ready(String pod) throws Exception {
        patchStatus(
                "pod " + pod,
                "{phase: Running, podIP: %1$s, podIPs: [{ip: %1$s}], containerStatuses: null, conditions: [{type: Ready, status: 'True'}]}"
                        .formatted(ControlPlane.ADDRESS));
    }

    /** Waits for the DaemonSet's pods and says that they are ready. */
    void startAgents() throws Exception {
        for (String node : NODES) {
            await().atMost(SOON).until(() -> !agentPod(node).isEmpty());
            ready(agentPod(node));
            tokens.put(node, Installation.agentToken(cluster, agentPod(node)));
        }
    }

    /** The name of a node's pod; empty if there is none. */
    String agentPod(String node) throws Exception {
        return kubectl(
                "get pods -n kpod -l app.kubernetes.io/name=kpod-node-agent -o jsonpath={.items[*].metadata.name}"
                        + " --field-selector=spec.nodeName=" + node);
    }

    /** A node is told of by another agent from now on. */
    void tells(String node, TestAgent agent) {
        agents.put(node, agent);
    }

    /** A node is told of by nobody from now on. */
    void isSilent(String node) {
        agents.remove(node);
    }

    /** An agent that has measured something and lacks nothing. */
    static TestAgent agent(String node) {
        TestAgent agent = new TestAgent(node);
        agent.startRestOfNode().count(1, 0, 0, 0);
        return agent;
    }

    /** The server ends. */
    void endServer() throws InterruptedException {
        server.end();
    }

    /** Called by the executor's one thread. */
    private void push() {
        agents.forEach((node, agent) -> {
            try {
                Path body = Files.write(folder.resolve("summary"), agent.next(PUSH_INTERVAL));
                cluster.curl(
                        "-H",
                        "Authorization: Bearer " + tokens.get(node),
                        "-H",
                        "Content-Type: application/x-protobuf",
                        "--data-binary",
                        "@" + body,
                        "https://" + ControlPlane.ADDRESS + ":8443/ingest/v1/summaries");
            } catch (Exception | AssertionError e) { // the next push may arrive
                System.err.println("node " + node + " can't be told of: " + e);
            }
        });
    }

    @Override
    public void close() {
        pushes.close();
        server.close();
    }
}
