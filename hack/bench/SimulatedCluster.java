import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.certificate.CertificateAuthority;
import io.kpod.apiserver.certificate.Pem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * As much of a kube-apiserver as an api-server in mode cluster asks: nodes, pods and ReplicaSets in pages, watches in
 * which nothing happens, reviews of tokens and of access, the Secret of its authority. Every token is good that
 * {@link #token} made, and everybody may do everything: the api-server's part of it is real.
 */
final class SimulatedCluster implements AutoCloseable {
    private static final String PREFIX = "simulated.";
    /** The size of a projected ServiceAccount token. */
    private static final String PADDING = "." + "x".repeat(1100);

    /** What else the API says of a pod, which a reader passes over. */
    private static final String REST_OF_SPEC = "\"containers\":[{\"name\":\"app\",\"image\":\"registry.example/team/app:1.2.3\",\"env\":["
            + ("{\"name\":\"SETTING\",\"value\":\"" + "v".repeat(60) + "\"},").repeat(8)
            + "{\"name\":\"LAST\"}],\"resources\":{\"limits\":{\"cpu\":\"1\",\"memory\":\"512Mi\"}}}],\"serviceAccountName\":\"default\"";

    private static final String REST_OF_STATUS = "\"podIP\":\"10.1.2.3\",\"conditions\":["
            + "{\"type\":\"Ready\",\"status\":\"True\",\"lastTransitionTime\":\"2026-11-24T12:00:00Z\"},".repeat(4)
            + "{\"type\":\"PodScheduled\",\"status\":\"True\"}]";

    private final int nodes;
    private final int namespaces;
    private final CertificateAuthority frontProxyAuthority =
            CertificateAuthority.create("simulated front-proxy CA", Instant.now());
    private final List<SimulatedPod> replicaSets;
    private final Javalin server;
    private final CountDownLatch authorityKnown = new CountDownLatch(1);
    private volatile byte[] secret = {};
    private volatile String authority = "";
    private volatile String published = "";

    SimulatedCluster(int nodes) {
        this.nodes = nodes;
        this.namespaces = namespaces(nodes);
        this.replicaSets = replicaSets();
        server = Javalin.create(config -> {
                    config.startup.showJavalinBanner = false;
                    config.jetty.modifyWebSocketServletFactory(factory -> factory.setIdleTimeout(Duration.ofHours(1)));
                    follow(config, "/api/v1/nodes", "Node", nodes, this::node);
                    follow(config, "/api/v1/pods", "Pod", nodes * SimulatedNode.PODS, this::pod);
                    follow(config, "/apis/apps/v1/replicasets", "ReplicaSet", replicaSets.size(), this::replicaSet);
                    follow(config, "/apis/batch/v1/jobs", "Job", 0, number -> "");
                    follow(config, "/api/v1/namespaces/kube-system/configmaps", "ConfigMap", 1, number -> trust());
                    config.routes.post("/apis/authentication.k8s.io/v1/tokenreviews", this::reviewToken);
                    config.routes.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", SimulatedCluster::reviewAccess);
                    config.routes.post("/api/v1/namespaces/kpod/secrets", this::createSecret);
                    config.routes.get("/api/v1/namespaces/kpod/secrets/kpod-ca", this::readSecret);
                    config.routes.patch("/api/v1/namespaces/kpod/configmaps/kpod-ca", this::publish);
                    config.routes.get("/api/v1/namespaces/kpod/configmaps/kpod-ca", this::published);
                    config.routes.get("*", SimulatedCluster::absent);
                })
                .start("127.0.0.1", 0);
    }

    static int namespaces(int nodes) {
        return Math.max(1, nodes * SimulatedNode.PODS / SimulatedPod.PER_NAMESPACE);
    }

    /** Writes a kubeconfig that leads here. */
    void writeKubeconfig(Path file) throws Exception {
        Files.writeString(file, """
                {"apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                 "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:%d"}}], "users": [{"name": "u", "user": {"token": "t"}}]}
                """.formatted(server.port()));
    }

    /** The bearer token of a node's agent. */
    static String token(String node) {
        return PREFIX + node + PADDING;
    }

    /** PEM of the api-server's authority, once it has made one. */
    String authority() throws InterruptedException {
        authorityKnown.await();
        return authority;
    }

    /** PEM of a key and its certificate that speak for users, as the kube-apiserver's own. */
    String frontProxyCredentials() {
        var client = frontProxyAuthority.signClient("front-proxy-client", "none", Instant.now(), Duration.ofDays(1));
        return Pem.write(client.key()) + Pem.write(client.chain());
    }

    @Override
    public void close() {
        server.stop();
    }

    private void follow(JavalinConfig config, String path, String kind, int count, IntFunction<String> item) {
        config.routes.get(path, context -> list(context, kind, count, item));
        config.routes.ws(path, watch -> {});
    }

    private static void list(Context context, String kind, int count, IntFunction<String> item) {
        int limit = number(context.queryParam("limit"), count);
        int from = number(context.queryParam("continue"), 0);
        int to = Math.min(count, from + limit);
        StringBuilder items = new StringBuilder();
        for (int i = from; i < to; i++) {
            items.append(i == from ? "" : ",").append(item.apply(i));
        }
        json(context, "{\"kind\":\"" + kind + "List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"100\""
                + (to < count ? ",\"continue\":\"" + to + "\"" : "") + "},\"items\":[" + items + "]}");
    }

    private static int number(String parameter, int otherwise) {
        return parameter == null || parameter.isEmpty() ? otherwise : Integer.parseInt(parameter);
    }

    private String node(int number) {
        return """
                {"metadata":{"name":"node-%d","uid":"node-uid-%d","resourceVersion":"%d","creationTimestamp":"2026-11-24T12:00:00Z",
                "labels":{"kubernetes.io/hostname":"node-%d","topology.kubernetes.io/zone":"zone-%d"}}}""".formatted(
                        number, number, 10 + number, number, number % 3);
    }

    private String pod(int number) {
        SimulatedPod pod = new SimulatedPod(number, namespaces);
        return """
                {"metadata":{"name":"%s","namespace":"%s","uid":"%s","resourceVersion":"%d","creationTimestamp":"2026-11-24T12:00:00Z",
                "labels":{"app":"%s","app.kubernetes.io/name":"%s","app.kubernetes.io/part-of":"%s","app.kubernetes.io/version":"1.2.3","pod-template-hash":"%s","tier":"backend"},
                "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"%s","uid":"rs","controller":true,"blockOwnerDeletion":true}]},
                "spec":{"nodeName":"node-%d",%s},"status":{"phase":"Running",%s}}""".formatted(
                        pod.name().name(), pod.namespace(), pod.uid(), 10 + number, pod.deployment(), pod.deployment(),
                        pod.namespace(), pod.hash(), pod.replicaSet(), number / SimulatedNode.PODS, REST_OF_SPEC, REST_OF_STATUS);
    }

    /** A pod of each ReplicaSet. */
    private List<SimulatedPod> replicaSets() {
        TreeMap<String, SimulatedPod> first = new TreeMap<>();
        for (int i = 0; i < nodes * SimulatedNode.PODS; i++) {
            SimulatedPod pod = new SimulatedPod(i, namespaces);
            first.putIfAbsent(pod.namespace() + "/" + pod.replicaSet(), pod);
        }
        return new ArrayList<>(first.values());
    }

    private String replicaSet(int number) {
        SimulatedPod pod = replicaSets.get(number);
        return """
                {"metadata":{"name":"%s","namespace":"%s","uid":"rs-%d","resourceVersion":"%d",
                "ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"%s","uid":"d","controller":true}]}}""".formatted(
                        pod.replicaSet(), pod.namespace(), number, 10 + number, pod.deployment());
    }

    private String trust() {
        ObjectNode map = JsonMapper.shared().createObjectNode();
        map.putObject("metadata").put("name", "extension-apiserver-authentication").put("namespace", "kube-system").put("resourceVersion", "10");
        map.putObject("data")
                .put("client-ca-file", Pem.write(List.of(frontProxyAuthority.certificate())))
                .put("requestheader-client-ca-file", Pem.write(List.of(frontProxyAuthority.certificate())))
                .put("requestheader-allowed-names", "[]")
                .put("requestheader-username-headers", "[\"X-Remote-User\"]")
                .put("requestheader-group-headers", "[\"X-Remote-Group\"]")
                .put("requestheader-extra-headers-prefix", "[\"X-Remote-Extra-\"]");
        return map.toString();
    }

    private void reviewToken(Context context) {
        JsonNode spec = JsonMapper.shared().readTree(context.body()).path("spec");
        String token = spec.path("token").asString();
        boolean good = token.startsWith(PREFIX) && token.endsWith(PADDING);
        String node = good ? token.substring(PREFIX.length(), token.length() - PADDING.length()) : "";
        json(context, "{\"kind\":\"TokenReview\",\"apiVersion\":\"authentication.k8s.io/v1\",\"status\":" + (good
                ? "{\"authenticated\":true,\"audiences\":[\"kernelmetrics.kpod.io\"],\"user\":{\"username\":\"system:serviceaccount:kpod:kpod-node-agent\","
                        + "\"uid\":\"u\",\"groups\":[\"system:serviceaccounts\",\"system:authenticated\"],\"extra\":{"
                        + "\"authentication.kubernetes.io/node-name\":[\"" + node + "\"],"
                        + "\"authentication.kubernetes.io/pod-name\":[\"kpod-node-agent-" + node + "\"]}}}"
                : "{\"authenticated\":false}") + "}");
    }

    private static void reviewAccess(Context context) {
        json(context, "{\"kind\":\"SubjectAccessReview\",\"apiVersion\":\"authorization.k8s.io/v1\",\"spec\":{},\"status\":{\"allowed\":true}}");
    }

    private void createSecret(Context context) {
        secret = context.bodyAsBytes();
        Matcher certificate = Pattern.compile("\"ca.crt\"\\s*:\\s*\"([^\"]+)\"").matcher(context.body());
        if (certificate.find()) {
            authority = new String(Base64.getDecoder().decode(certificate.group(1)), StandardCharsets.US_ASCII);
            authorityKnown.countDown();
        }
        json(context, context.body());
    }

    private void readSecret(Context context) {
        if (secret.length == 0) {
            absent(context);
        } else {
            context.contentType("application/json").result(secret);
        }
    }

    private void publish(Context context) {
        published = context.body();
        json(context, published);
    }

    private void published(Context context) {
        if (published.isEmpty()) {
            absent(context);
        } else {
            json(context, published);
        }
    }

    private static void absent(Context context) {
        context.status(404);
        json(context, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"NotFound\",\"code\":404}");
    }

    private static void json(Context context, String text) {
        context.contentType("application/json").result(text);
    }
}
