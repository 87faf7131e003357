package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.apiserver.http.Bounds;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One more at once than a port takes: that one is refused, in a way that says when to come again; the others are not. */
@Timeout(60)
class OverBoundsTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int AT_A_TIME = 16;

    @TempDir
    Path state;

    private RunningServer running;

    @BeforeEach
    void start() throws Exception {
        running = new RunningServer(state);
    }

    @AfterEach
    void stop() {
        running.close();
    }

    /** Over HTTP/1.1, each on a connection of its own and not yet at its end: none of them may hold a thread of the few. */
    @Test
    void onePushMoreThanAreTakenAtOnceIsToldToComeAgain() throws Exception {
        int most = Bounds.INGEST.concurrentRequests();
        List<Push> open = new ArrayList<>();
        try (HttpClient late = running.client(false, HttpClient.Version.HTTP_2)) {
            SSLContext tls = running.tls(false);
            open.addAll(inParallel(most, i -> beginPush(tls, i)));
            await().atMost(SOON).until(() -> running.inFlight("ingest") == most);
            HttpResponse<String> refused = push(late, "late");
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().firstValue("Retry-After")).contains("1");
            assertThat(refused.body())
                    .contains("\"reason\":\"TooManyRequests\"", "already " + most + " requests at once");
            assertThat(running.get("/apis/test/v1/things").statusCode()).isEqualTo(200);
            assertThat(open.removeFirst().end()).startsWith("HTTP/1.1 200");
            await().atMost(SOON).until(() -> running.inFlight("ingest") < most);
            assertThat(push(late, "late").statusCode()).isEqualTo(200);
            for (String answer : inParallel(open.size(), i -> open.get(i).end())) {
                assertThat(answer).startsWith("HTTP/1.1 200");
            }
        } finally {
            for (Push one : open) {
                one.close();
            }
        }
    }

    /** RFC 9113, section 5.1.2: such a request has not been looked at and can be sent again. */
    @Test
    void oneStreamMoreThanAreOpenIsRefusedAndItsConnectionGoesOn() throws Exception {
        int most = Bounds.API.streams();
        try (Http2Connection connection = new Http2Connection(running.tls(true), running.server.port())) {
            for (int i = 0; i <= most; i++) {
                connection.get(stream(i), "/apis/test/v1/slow");
            }
            assertThat(awaitFrame(connection, Http2Connection.SETTINGS).setting(Http2Connection.MAX_CONCURRENT_STREAMS))
                    .isEqualTo(most);
            Http2Connection.Frame reset = awaitFrame(connection, Http2Connection.RST_STREAM);
            assertThat(reset.stream()).isEqualTo(stream(most));
            assertThat(reset.error()).isEqualTo(Http2Connection.REFUSED_STREAM);
            assertThat(running.get("/apis/test/v1/things").statusCode()).isEqualTo(200);
            running.release.countDown();
            Set<Integer> answered = new HashSet<>();
            while (answered.size() < most) {
                Http2Connection.Frame part = connection.next();
                assertThat(part.type()).isNotEqualTo(Http2Connection.RST_STREAM);
                if (part.endsStream()) {
                    answered.add(part.stream());
                }
            }
            connection.get(stream(most + 1), "/apis/test/v1/things");
            Http2Connection.Frame after = awaitFrame(connection, Http2Connection.DATA);
            assertThat(after.stream()).isEqualTo(stream(most + 1));
            assertThat(after.text()).contains("\"user\":\"kpod\"");
        }
    }

    private static int stream(int number) {
        return 2 * number + 1;
    }

    private static Http2Connection.Frame awaitFrame(Http2Connection connection, int type) throws Exception {
        Http2Connection.Frame frame = connection.next();
        while (frame.type() != type) {
            frame = connection.next();
        }
        return frame;
    }

    /** All but the last byte. */
    private Push beginPush(SSLContext tls, int number) throws Exception {
        byte[] summary = Summaries.empty("n" + number);
        SSLSocket socket = RunningServer.connect(tls, running.server.ingestPort());
        String head = "POST /ingest/v1/summaries HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + "Content-Type: application/x-protobuf\r\nAuthorization: Bearer " + token() + "\r\nContent-Length: "
                + summary.length + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(summary, 0, summary.length - 1);
        return new Push(socket, summary[summary.length - 1]);
    }

    /** One that has begun. */
    private record Push(Socket socket, byte last) implements AutoCloseable {
        /** What it is answered. */
        String end() throws IOException {
            socket.getOutputStream().write(last);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private HttpResponse<String> push(HttpClient client, String node) throws Exception {
        return client.send(
                HttpRequest.newBuilder(running.ingest())
                        .header("Content-Type", "application/x-protobuf")
                        .header("Authorization", "Bearer " + token())
                        .POST(BodyPublishers.ofByteArray(Summaries.empty(node)))
                        .build(),
                BodyHandlers.ofString());
    }

    private String token() throws IOException {
        return Files.readString(state.resolve("agent-token"));
    }

    private static <T> List<T> inParallel(int count, Numbered<T> one) throws Exception {
        List<Callable<T>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            all.add(() -> one.of(number));
        }
        List<T> results = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(AT_A_TIME)) {
            for (Future<T> result : executor.invokeAll(all)) {
                results.add(result.get());
            }
        }
        return results;
    }

    @FunctionalInterface
    private interface Numbered<T> {
        T of(int number) throws Exception;
    }
}
