package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.ingest.SummarySink.Outcome;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole front, over real TLS, on a machine alone. */
class StandaloneServerTest {
    @TempDir
    static Path state;

    private static RunningServer running;

    @BeforeAll
    static void start() throws Exception {
        running = new RunningServer(state);
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/livez", "/healthz", "/readyz", "/readyz/certificate", "/readyz?exclude=ping"})
    void healthIsForEverybody(String path) throws Exception {
        HttpResponse<String> answer = running.getAnonymously(path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("ok");
    }

    @Test
    void verboseHealthListsItsChecks() throws Exception {
        assertThat(running.getAnonymously("/readyz?verbose&exclude=ping").body())
                .contains("[+]ping excluded: ok\n")
                .contains("[+]certificate ok: valid until ")
                .endsWith("readyz check passed\n");
    }

    @Test
    void nobodyGetsNothingElse() throws Exception {
        HttpResponse<String> answer = running.getAnonymously("/apis/test/v1/things");
        JsonNode status = status(answer, 403, "Forbidden");
        assertThat(status.get("message").asString())
                .startsWith(
                        "things.test is forbidden: User \"system:anonymous\" cannot list resource \"things\" in API group"
                                + " \"test\" at the cluster scope");
    }

    @Test
    void forgedFrontProxyHeadersCountForNothing() throws Exception {
        HttpResponse<String> answer = running.getAnonymously(
                "/apis/test/v1/things", "X-Remote-User", "admin", "X-Remote-Group", "system:masters");
        assertThat(status(answer, 403, "Forbidden").get("message").asString()).contains("\"system:anonymous\"");
    }

    @Test
    void theKubeconfigsUserIsLetInOverHttp2() throws Exception {
        HttpResponse<String> answer = running.get("/apis/test/v1/things", "Audit-ID", "abc-1");
        assertThat(answer.body()).isEqualTo("{\"user\":\"kpod\",\"protocol\":\"HTTP/2.0\"}");
        assertThat(answer.headers().firstValue("Audit-ID")).contains("abc-1");
        assertThat(answer.headers().firstValue("Server")).isEmpty();
    }

    @Test
    void http11IsSpokenToo() throws Exception {
        try (HttpClient client = running.client(true, HttpClient.Version.HTTP_1_1)) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(running.api("/apis/test/v1/things")).build(), BodyHandlers.ofString());
            assertThat(answer.body()).isEqualTo("{\"user\":\"kpod\",\"protocol\":\"HTTP/1.1\"}");
        }
    }

    @Test
    void indexVersionAndOwnMetricsAreThere() throws Exception {
        assertThat(running.get("/").body())
                .contains("\"/version\"")
                .contains("\"/metrics\"")
                .contains("\"/readyz\"");
        assertThat(running.get("/version").body()).contains("\"gitVersion\":\"v");
        assertThat(running.get("/metrics").body())
                .contains("kpod_api_request_duration_seconds_bucket{code=\"200\"")
                .contains("kpod_api_certificate_expiry_seconds")
                .contains("kpod_ingest_summaries_total{outcome=\"applied\"}");
    }

    @Test
    void unknownPathIsAStatus() throws Exception {
        JsonNode status = status(running.get("/apis/nothing/v1/here"), 404, "NotFound");
        assertThat(status.get("message").asString())
                .isEqualTo(
                        "the server could not find the requested resource: /apis/nothing/v1/here; / lists what there is");
    }

    @Test
    void wrongMethodNamesTheRightOnes() throws Exception {
        HttpResponse<String> answer = send("DELETE", "/version", BodyPublishers.noBody());
        assertThat(status(answer, 405, "MethodNotAllowed").get("message").asString())
                .contains("allowed: GET");
        assertThat(answer.headers().firstValue("Allow")).contains("GET");
    }

    @Test
    void aFailureInAHandlerKeepsItsDetailsToTheLog() throws Exception {
        JsonNode status = status(running.get("/apis/test/v1/broken"), 500, "InternalError");
        assertThat(status.get("message").asString())
                .contains("IllegalStateException")
                .doesNotContain("secret detail");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/apis/test/v1/things/..%2f..%2fsecrets",
                "/apis/test/v1/things/%2e%2e/x",
                "/apis//v1/things",
                "/apis/test/v1/th;x/y"
            })
    void pathsThatCouldBeReadTwoWaysAreRefused(String path) throws Exception {
        assertThat(raw(running.server.port(), "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400")
                .contains("\"kind\":\"Status\"");
    }

    @Test
    void longSelectorsAreRefused() throws Exception {
        JsonNode status =
                status(running.get("/apis/test/v1/things?labelSelector=" + "a".repeat(9000)), 400, "BadRequest");
        assertThat(status.get("message").asString()).startsWith("labelSelector is 9000 characters long");
    }

    static Stream<Arguments> badRequests() {
        return Stream.of(
                Arguments.of("GARBAGE\r\n\r\n", 400),
                Arguments.of("BREW /version HTTP/1.1\r\nHost: x\r\n\r\n", 405),
                Arguments.of("GET /version HTTP/9.9\r\nHost: x\r\n\r\n", 505),
                Arguments.of("GET /version HTTP/1.1\r\n\r\n", 400),
                Arguments.of("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
                Arguments.of("GET /" + "a".repeat(70_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414),
                Arguments.of("GET /version HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(70_000) + "\r\n\r\n", 431),
                Arguments.of("POST /version HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n", 413));
    }

    @ParameterizedTest
    @MethodSource("badRequests")
    void whatHttpItselfRefusesIsAStatusToo(String request, int code) throws Exception {
        String answer = raw(running.server.port(), request);
        assertThat(answer.substring(0, Math.min(12, answer.length()))).isEqualTo("HTTP/1.1 " + code);
        assertThat(answer.toLowerCase(java.util.Locale.ROOT)).contains("content-type: application/json");
        assertThat(answer).contains("\"kind\":\"Status\"").contains("\"code\":" + code);
    }

    @Test
    void longHeadersOverHttp2AreRefusedWithoutHarmToTheConnection() throws Exception {
        try (HttpClient client = running.client(true, HttpClient.Version.HTTP_2)) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(running.api("/version"))
                            .header("X-Long", "a".repeat(70_000))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(431);
            assertThat(client.send(
                                    HttpRequest.newBuilder(running.api("/version"))
                                            .build(),
                                    BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void pushIsAcknowledged() throws Exception {
        running.outcome.set(new Outcome.Acknowledged(300, true, 0));
        HttpResponse<byte[]> answer =
                push(token(), "application/x-protobuf", BodyPublishers.ofByteArray(Summaries.empty("n1")));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/x-protobuf");
        assertThat(answer.body()).containsExactly(0x08, (byte) 0xac, 0x02, 0x10, 0x01);
    }

    @Test
    void pushesThatAreNotTakenSayWhy() throws Exception {
        BodyPublishersOf body = () -> BodyPublishers.ofByteArray(Summaries.empty("n2"));
        assertPush(push("", "application/x-protobuf", body.get()), 401, "no bearer token");
        assertPush(push("wrong", "application/x-protobuf", body.get()), 401, "not this server's");
        assertPush(push(token(), "application/json", body.get()), 415, "Content-Type \"application/json\"");
        assertPush(
                push(token(), "application/x-protobuf", BodyPublishers.ofByteArray(new byte[(4 << 20) + 1])),
                413,
                "4194305 bytes");
        assertPush(
                push(
                        token(),
                        "application/x-protobuf",
                        BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(new byte[(4 << 20) + 1]))),
                413,
                "more than 4194304 bytes");
        assertPush(
                push(token(), "application/x-protobuf", BodyPublishers.ofByteArray(new byte[] {1, 2, 3})),
                400,
                "not a summary");
        running.outcome.set(new Outcome.Refused("pod a/b is on node n7, not n2"));
        assertPush(push(token(), "application/x-protobuf", body.get()), 403, "pod a/b is on node n7, not n2");
        running.outcome.set(new Outcome.NodeMismatch("n9", "n2"));
        assertPush(push(token(), "application/x-protobuf", body.get()), 403, "node \"n9\"");
    }

    @Test
    void aNodeThatPushesTooOftenIsSlowedDown() throws Exception {
        running.outcome.set(new Outcome.Acknowledged(1, false, 0));
        try (HttpClient client = running.client(false, HttpClient.Version.HTTP_2)) {
            HttpResponse<byte[]> last = null;
            for (int i = 0; i < 200 && (last == null || last.statusCode() == 200); i++) {
                last = client.send(
                        pushRequest(
                                token(), "application/x-protobuf", BodyPublishers.ofByteArray(Summaries.empty("busy"))),
                        BodyHandlers.ofByteArray());
            }
            assertPush(last, 429, "node \"busy\" pushes too often");
            assertThat(last.headers().firstValue("Retry-After")).contains("1");
        }
    }

    @Test
    void onlyTheCertificateIsForOthersToRead() throws Exception {
        assertThat(permissions("ca.crt")).isEqualTo("rw-r--r--");
        for (String file : new String[] {"ca.key", "kubeconfig", "agent-token"}) {
            assertThat(permissions(file)).as(file).isEqualTo("rw-------");
        }
        try (Stream<Path> files = Files.list(state)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("ca.crt", "ca.key", "kubeconfig", "agent-token");
        }
    }

    private interface BodyPublishersOf {
        HttpRequest.BodyPublisher get();
    }

    private static String permissions(String file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve(file)));
    }

    private static String token() throws Exception {
        return Files.readString(state.resolve("agent-token"));
    }

    private static HttpResponse<String> send(String method, String path, HttpRequest.BodyPublisher body)
            throws Exception {
        try (HttpClient client = running.client(true, HttpClient.Version.HTTP_2)) {
            return client.send(
                    HttpRequest.newBuilder(running.api(path))
                            .method(method, body)
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    private static HttpRequest pushRequest(String token, String type, HttpRequest.BodyPublisher body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(running.ingest())
                .header("Content-Type", type)
                .POST(body);
        return (token.isEmpty() ? request : request.header("Authorization", "Bearer " + token)).build();
    }

    private static HttpResponse<byte[]> push(String token, String type, HttpRequest.BodyPublisher body)
            throws Exception {
        try (HttpClient client = running.client(false, HttpClient.Version.HTTP_2)) {
            return client.send(pushRequest(token, type, body), BodyHandlers.ofByteArray());
        }
    }

    private static void assertPush(HttpResponse<byte[]> answer, int code, String message) {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(body).isEqualTo(code);
        assertThat(JsonMapper.shared().readTree(body).get("message").asString()).contains(message);
    }

    private static JsonNode status(HttpResponse<String> answer, int code, String reason) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(code);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        JsonNode status = JsonMapper.shared().readTree(answer.body());
        assertThat(status.get("kind").asString()).isEqualTo("Status");
        assertThat(status.get("apiVersion").asString()).isEqualTo("v1");
        assertThat(status.get("status").asString()).isEqualTo("Failure");
        assertThat(status.get("reason").asString()).isEqualTo(reason);
        assertThat(status.get("code").asInt()).isEqualTo(code);
        return status;
    }

    private static String raw(int port, String request) throws Exception {
        try (SSLSocket socket = (SSLSocket) running.tls(true).getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(5000);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            StringBuilder answer = new StringBuilder();
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[8192];
            try {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    answer.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
                    if (answer.indexOf("\"code\":") > 0) {
                        break;
                    }
                }
            } catch (java.io.IOException e) {
                answer.append(" [").append(e).append(']');
            }
            return answer.toString();
        }
    }
}
