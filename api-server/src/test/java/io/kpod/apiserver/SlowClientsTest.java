package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that go on in small steps for ever, each byte of which an idle timeout would take for life. */
@Timeout(90)
class SlowClientsTest {
    private static final Duration STEP = Duration.ofMillis(500);

    @TempDir
    Path state;

    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private RunningServer running;

    @BeforeEach
    void start() throws Exception {
        running = new RunningServer(state);
    }

    @AfterEach
    void stop() {
        running.close();
        clients.shutdownNow();
    }

    @Test
    void eachIsEndedAndHoldsNothing() throws Exception {
        CompletableFuture<Duration> silent = ended(this::connectAndSayNothing);
        CompletableFuture<Duration> hello = ended(this::dripTheHandshake);
        CompletableFuture<Duration> head = ended(() -> dripTheHead(""));
        CompletableFuture<Duration> laterHead = ended(() -> dripTheHead("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"));
        CompletableFuture<Duration> body = ended(this::dripTheBody);
        try (HttpClient http2 = running.client(true, HttpClient.Version.HTTP_2);
                SSLSocket reader = running.connect(true, running.server.port())) {
            Instant start = Instant.now();
            clients.submit(() -> takeInDrops(reader));
            HttpResponse<InputStream> stream = http2.send(flood(), BodyHandlers.ofInputStream());
            await().atMost(Duration.ofSeconds(5)).until(() -> running.inFlight("ingest") == 1);
            // the two that read slowly, and this question
            await().atMost(Duration.ofSeconds(5)).until(() -> running.inFlight("api") == 3);
            for (CompletableFuture<Duration> one : List.of(silent, hello, head, laterHead)) {
                assertThat(one.get(60, TimeUnit.SECONDS)).isBetween(Duration.ofSeconds(9), Duration.ofSeconds(16));
            }
            assertThat(body.get(60, TimeUnit.SECONDS)).isBetween(Duration.ofSeconds(19), Duration.ofSeconds(30));
            await().atMost(Duration.ofSeconds(20)).until(() -> running.inFlight("api") == 1);
            assertThat(Duration.between(start, Instant.now()))
                    .isBetween(Duration.ofSeconds(19), Duration.ofSeconds(40));
            assertThat(running.inFlight("ingest")).isZero();
            assertThatThrownBy(stream.body()::readAllBytes).isInstanceOf(IOException.class);
            // the stream has gone, its connection goes on
            assertThat(http2.send(
                                    HttpRequest.newBuilder(running.api("/apis/test/v1/things"))
                                            .build(),
                                    BodyHandlers.ofString())
                            .body())
                    .contains("HTTP/2.0");
        }
    }

    @Test
    void whoeverIsSlowButComesToAnEndIsServed() throws Exception {
        byte[] summary = Summaries.empty("n1");
        try (Socket socket = running.connect(false, running.server.ingestPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(pushHead(summary.length).getBytes(StandardCharsets.US_ASCII));
            for (byte one : summary) {
                out.write(one);
                out.flush();
                Thread.sleep(Duration.ofSeconds(3).dividedBy(summary.length));
            }
            byte[] answer = socket.getInputStream().readNBytes(15);
            assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200 OK");
        }
    }

    @Test
    void manyConnectionsThatAskNothingMakeRoom() throws Exception {
        List<SocketChannel> crowd = new ArrayList<>();
        try {
            for (int i = 0; i < 2_100; i++) {
                crowd.add(SocketChannel.open(new InetSocketAddress("127.0.0.1", running.server.port())));
                crowd.getLast().configureBlocking(false);
            }
            assertThat(running.getAnonymously("/livez").statusCode()).isEqualTo(200);
            // before each one's own time is over
            await().atMost(Duration.ofSeconds(8))
                    .until(() ->
                            crowd.stream().filter(SlowClientsTest::isClosed).count() > 100);
            assertThat(running.getAnonymously("/livez").statusCode()).isEqualTo(200);
        } finally {
            for (SocketChannel one : crowd) {
                one.close();
            }
        }
    }

    private static boolean isClosed(SocketChannel connection) {
        try {
            return connection.read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    @FunctionalInterface
    private interface Client {
        /** Returns or fails when the server has ended it. */
        void run() throws Exception;
    }

    /** How long it took the server to end it. */
    private CompletableFuture<Duration> ended(Client client) {
        return CompletableFuture.supplyAsync(
                () -> {
                    long start = System.nanoTime();
                    try {
                        client.run();
                    } catch (IOException e) {
                        assertThat(e).isNotInstanceOf(java.net.SocketTimeoutException.class);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                    return Duration.ofNanos(System.nanoTime() - start);
                },
                clients);
    }

    private void connectAndSayNothing() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", running.server.port())) {
            socket.getInputStream().readAllBytes();
        }
    }

    private void dripTheHandshake() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", running.server.port())) {
            socket.getOutputStream().write(new byte[] {0x16, 3, 1, 1, 0, 1, 0, 0, (byte) 0xfc, 3, 3});
            drip(socket, "aaaa");
        }
    }

    private void dripTheHead(String before) throws Exception {
        try (Socket socket = running.connect(true, running.server.port())) {
            socket.getOutputStream()
                    .write((before + "GET /version HTTP/1.1\r\nHost: x\r\nX: ").getBytes(StandardCharsets.US_ASCII));
            drip(socket, "a");
        }
    }

    private void dripTheBody() throws Exception {
        try (Socket socket = running.connect(false, running.server.ingestPort())) {
            socket.getOutputStream().write(pushHead(10_000).getBytes(StandardCharsets.US_ASCII));
            drip(socket, "a");
        }
    }

    private String pushHead(int length) throws IOException {
        return "POST /ingest/v1/summaries HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nAuthorization: Bearer "
                + Files.readString(state.resolve("agent-token")) + "\r\nContent-Length: " + length + "\r\n\r\n";
    }

    /** Writes a little now and then until the other side has had enough. */
    private static void drip(Socket socket, String drop) throws Exception {
        while (true) {
            socket.getOutputStream().write(drop.getBytes(StandardCharsets.US_ASCII));
            Thread.sleep(STEP);
        }
    }

    private Void takeInDrops(SSLSocket socket) throws Exception {
        socket.getOutputStream()
                .write("GET /apis/test/v1/flood HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        while (in.read(new byte[1024]) >= 0) {
            Thread.sleep(STEP);
        }
        return null;
    }

    private HttpRequest flood() {
        return HttpRequest.newBuilder(running.api("/apis/test/v1/flood")).build();
    }
}
