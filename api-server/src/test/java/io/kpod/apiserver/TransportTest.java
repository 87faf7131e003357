package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes over the wire before and beside the API: TLS, shapes of requests, sizes. */
@Timeout(30)
class TransportTest {
    private static final int ALERT = 0x15;
    private static final int PROTOCOL_VERSION = 70;

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
    @ValueSource(ints = {0x0300, 0x0301, 0x0302})
    void tlsBefore12IsRefused(int version) throws Exception {
        for (int port : new int[] {running.server.port(), running.server.ingestPort()}) {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                socket.setSoTimeout(5000);
                socket.getOutputStream().write(clientHello(version));
                byte[] answer = socket.getInputStream().readNBytes(7);
                assertThat(answer[0]).isEqualTo((byte) ALERT);
                assertThat(answer[6]).isEqualTo((byte) PROTOCOL_VERSION);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void tls12And13AreSpoken(String protocol) throws Exception {
        SSLContext tls = running.tls(true);
        try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", running.server.port())) {
            socket.setEnabledProtocols(new String[] {protocol});
            socket.startHandshake();
            assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
            assertThat(socket.getSession().getCipherSuite()).containsAnyOf("_GCM_", "_CHACHA20_");
        }
    }

    @Test
    void plainHttpGetsNeitherAnAnswerNorARedirect() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", running.server.port())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream()
                    .write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readAllBytes();
            assertThat(new String(answer, StandardCharsets.ISO_8859_1)).doesNotContain("HTTP/", "Location");
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/apis/test/v1/things/, 200",
        "/livez/, 200",
        "//apis/test/v1/things, 400",
        "/apis/test//v1/things, 400",
        "/APIS/test/v1/things, 404",
        "/apis/test/v1/./things, 400",
        "/apis/test/v1, 404"
    })
    void noPathIsRedirected(String path, int code) throws Exception {
        String answer = spoken("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 " + code).doesNotContainIgnoringCase("\r\nlocation:");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Remote-User: admin\r\nX-Remote-Group: system:masters\r\n",
                "x-remote-user: admin\r\nX-REMOTE-GROUP: system:masters\r\n",
                "X-Remote-User: admin\r\nX-Remote-User: root\r\nX-Remote-Group: a\r\nX-Remote-Group: system:masters\r\n",
                "X_Remote_User: admin\r\nX_Remote_Group: system:masters\r\n",
                "X-Remote-User: \r\nX-Remote-User: admin\r\nX-Remote-Group: system:masters\r\n"
            })
    void forgedHeadersAreNobodysHoweverTheyAreWritten(String headers) throws Exception {
        try (SSLSocket socket = running.connect(false, running.server.port())) {
            assertThat(spoken(
                            socket,
                            "GET /apis/test/v1/things HTTP/1.1\r\nHost: x\r\n" + headers + "Connection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 403")
                    .contains("system:anonymous");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 3\r\nContent-Length: 4\r\n",
                "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked, identity\r\n",
                "Host: other\r\n"
            })
    void headersThatTwoServersCouldReadDifferentlyAreRefused(String headers) throws Exception {
        assertThat(spoken("POST /version HTTP/1.1\r\nHost: x\r\n" + headers + "\r\nabc"))
                .startsWith("HTTP/1.1 400")
                .contains("\"kind\":\"Status\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"labelSelector", "fieldSelector", "metricLabelSelector", "continue"})
    void whateverIsTooLongIsRefusedByItsName(String parameter) throws Exception {
        HttpResponse<String> answer = running.get("/apis/test/v1/things?" + parameter + "=" + "a".repeat(8193));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains(parameter + " is 8193 characters long: at most 8192");
    }

    @Test
    void aNameThatIsTooLongIsRefused() throws Exception {
        HttpResponse<String> answer = running.get("/apis/test/v1/things/" + "a".repeat(513));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("a part of the path is 513 characters long: at most 512 are taken");
        assertThat(running.get("/apis/test/v1/things/" + "a".repeat(512)).statusCode())
                .isEqualTo(404);
    }

    @Test
    void aPushThatUnpacksToMoreIsNotUnpacked() throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(packed)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 64; i++) {
                gzip.write(zeros);
            }
        }
        HttpResponse<String> answer = push("Content-Encoding", "gzip", packed.toByteArray());
        assertThat(answer.statusCode()).isEqualTo(415);
        assertThat(answer.body()).contains("Content-Encoding \\\"gzip\\\": summaries come as they are");
    }

    @Test
    void headersOfAPushHaveABoundToo() throws Exception {
        HttpResponse<String> answer = push("X-Long", "a".repeat(17_000), Summaries.empty("n1"));
        assertThat(answer.statusCode()).isEqualTo(431);
    }

    @Test
    void aBodyWithoutEndIsNotReadForARequestThatNeedsNone() throws Exception {
        try (SSLSocket socket = running.connect(true, running.server.port())) {
            OutputStream out = socket.getOutputStream();
            out.write("GET /version HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] chunk = ("4000\r\n" + "a".repeat(0x4000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            int sent = 0;
            try {
                for (; sent < 4096; sent++) {
                    out.write(chunk);
                }
            } catch (IOException e) {
                assertThat(e).isNotInstanceOf(java.net.SocketTimeoutException.class);
            }
            // what the sockets between hold, not the 64 MiB
            assertThat(sent).isLessThan(1024);
        }
    }

    private static HttpResponse<String> push(String header, String value, byte[] body) throws Exception {
        try (HttpClient client = running.client(false, HttpClient.Version.HTTP_1_1)) {
            return client.send(
                    HttpRequest.newBuilder(running.ingest())
                            .header("Content-Type", "application/x-protobuf")
                            .header("Authorization", "Bearer " + Files.readString(state.resolve("agent-token")))
                            .header(header, value)
                            .POST(BodyPublishers.ofByteArray(body))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    private static String spoken(String request) throws Exception {
        try (SSLSocket socket = running.connect(true, running.server.port())) {
            return spoken(socket, request);
        }
    }

    private static String spoken(SSLSocket socket, String request) throws Exception {
        socket.setSoTimeout(5000);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** A ClientHello of one version alone (RFC 4346, section 7.4.1.2), with ciphers and a curve that it could use. */
    private static byte[] clientHello(int version) {
        byte[] extensions = {0, 0x0a, 0, 4, 0, 2, 0, 0x17, 0, 0x0b, 0, 2, 1, 0};
        ByteBuffer hello = ByteBuffer.allocate(9 + 2 + 32 + 1 + 6 + 2 + 2 + extensions.length);
        hello.put((byte) 0x16).putShort((short) 0x0301).putShort((short) (hello.capacity() - 5));
        hello.put((byte) 1).put((byte) 0).putShort((short) (hello.capacity() - 9));
        hello.putShort((short) version).put(new byte[32]).put((byte) 0);
        hello.putShort((short) 4).putShort((short) 0xc009).putShort((short) 0x002f);
        hello.put((byte) 1).put((byte) 0);
        hello.putShort((short) extensions.length).put(extensions);
        return hello.array();
    }
}
