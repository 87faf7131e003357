package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kpod.apiserver.http.PortUnavailableException;
import io.kpod.apiserver.observation.ServerMetrics;
import io.kpod.configuration.Configuration;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Start, load, renewal and end of a running server. */
@Timeout(60)
class ServerLifeTest {
    @TempDir
    Path state;

    @Test
    void tooManyRequestsAtOnceAreTurnedAwayAndHealthIsNot() throws Exception {
        try (RunningServer running = new RunningServer(state);
                HttpClient first = running.client(true, HttpClient.Version.HTTP_2);
                HttpClient second = running.client(true, HttpClient.Version.HTTP_2)) {
            List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
            first.send(HttpRequest.newBuilder(running.api("/version")).build(), BodyHandlers.ofString());
            second.send(HttpRequest.newBuilder(running.api("/version")).build(), BodyHandlers.ofString());
            for (int i = 0; i < 400; i++) {
                HttpClient client = i % 2 == 0 ? first : second;
                held.add(client.sendAsync(
                        HttpRequest.newBuilder(running.api("/apis/test/v1/slow"))
                                .build(),
                        BodyHandlers.ofString()));
            }
            org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                HttpResponse<String> answer = running.getAnonymously("/version");
                assertThat(answer.statusCode()).isEqualTo(429);
                assertThat(answer.headers().firstValue("Retry-After")).contains("1");
                assertThat(answer.body())
                        .contains("\"reason\":\"TooManyRequests\"")
                        .contains("already 400 requests at once");
            });
            assertThat(running.getAnonymously("/livez").statusCode()).isEqualTo(200);
            running.release.countDown();
            for (CompletableFuture<HttpResponse<String>> one : held) {
                assertThat(one.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            }
            assertThat(running.get("/version").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aRenewedCertificateIsShownToNewConnectionsAndDropsNone() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.now().minus(Duration.ofHours(17)));
        try (RunningServer running = new RunningServer(state, now::get);
                HttpClient kept = running.client(true, HttpClient.Version.HTTP_2)) {
            X509Certificate before = seen(kept, running);
            now.set(Instant.now());
            running.front.refresh();
            assertThat(seen(kept, running)).isEqualTo(before);
            try (HttpClient fresh = running.client(true, HttpClient.Version.HTTP_2)) {
                X509Certificate after = seen(fresh, running);
                assertThat(after.getNotAfter()).isAfter(before.getNotAfter());
            }
        }
    }

    @Test
    void anIdleServerEndsAtOnceThoughConnectionsAreOpen() throws Exception {
        RunningServer running = new RunningServer(state);
        try (HttpClient http2 = running.client(true, HttpClient.Version.HTTP_2);
                HttpClient http1 = running.client(true, HttpClient.Version.HTTP_1_1)) {
            for (HttpClient client : List.of(http2, http1)) {
                client.send(HttpRequest.newBuilder(running.api("/version")).build(), BodyHandlers.ofString());
            }
            long start = System.nanoTime();
            running.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(1800));
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void whatIsInFlightIsStillAnswered(HttpClient.Version version) throws Exception {
        RunningServer running = new RunningServer(state);
        HttpClient client = running.client(true, version);
        try {
            CompletableFuture<HttpResponse<String>> slow = client.sendAsync(
                    HttpRequest.newBuilder(running.api("/apis/test/v1/slow")).build(), BodyHandlers.ofString());
            org.awaitility.Awaitility.await()
                    .until(() -> running.get("/metrics")
                            .body()
                            .contains("kpod_api_requests_in_flight{listener=\"api\"} 2.0"));
            Thread stopping = Thread.ofVirtual().start(running.server::close);
            TimeUnit.MILLISECONDS.sleep(700); // longer than an idle connection stays open then
            running.release.countDown();
            assertThat(slow.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            stopping.join();
        } finally {
            client.shutdownNow();
        }
    }

    /** A kube-apiserver sends all over one connection, and goes on while the server stops. */
    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void whoeverGoesOnIsAnsweredOrFindsNobodyButIsNotRefused(HttpClient.Version version) throws Exception {
        RunningServer running = new RunningServer(state);
        HttpClient client = running.client(true, version);
        HttpRequest request =
                HttpRequest.newBuilder(running.api("/apis/test/v1/things")).build();
        Queue<Integer> answers = new ConcurrentLinkedQueue<>();
        try (ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor()) {
            client.send(request, BodyHandlers.ofString());
            List<Future<IOException>> asking = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                asking.add(askers.submit(() -> {
                    try {
                        while (true) {
                            answers.add(client.send(request, BodyHandlers.ofString())
                                    .statusCode());
                        }
                    } catch (IOException e) {
                        return e;
                    }
                }));
            }
            org.awaitility.Awaitility.await().until(() -> answers.size() > 100);
            running.close();
            for (Future<IOException> one : asking) {
                assertThat(one.get()).isInstanceOf(ConnectException.class);
            }
            assertThat(answers).containsOnly(200);
        } finally {
            client.shutdownNow();
        }
    }

    @Test
    void aServerThatEndsIsNotReadyAnyMoreButServesOnForAWhile() throws Exception {
        RunningServer running = new RunningServer(
                state, InstantSource.system(), RunningServer.settings(state, "--kpod.api.drain=1500"));
        HttpClient client = running.client(true, HttpClient.Version.HTTP_2);
        try {
            HttpResponse<InputStream> watch = client.send(
                    HttpRequest.newBuilder(running.api("/apis/test/v1/stream")).build(), BodyHandlers.ofInputStream());
            long start = System.nanoTime();
            Thread stopping = Thread.ofVirtual().start(running.server::close);
            org.awaitility.Awaitility.await()
                    .atMost(Duration.ofSeconds(1))
                    .until(() -> running.getAnonymously("/readyz").statusCode() == 503);
            assertThat(running.getAnonymously("/livez").statusCode()).isEqualTo(200);
            assertThat(running.get("/version").statusCode()).isEqualTo(200); // over a connection of its own
            watch.body().readAllBytes();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(1400));
            stopping.join();
        } finally {
            client.shutdownNow();
        }
    }

    @Test
    void whatGoesOnForLongCountsForItselfAndEndsInPeaceWithTheServer() throws Exception {
        RunningServer running = new RunningServer(state);
        HttpClient client = running.client(true, HttpClient.Version.HTTP_2);
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            HttpRequest stream =
                    HttpRequest.newBuilder(running.api("/apis/test/v1/stream")).build();
            List<HttpResponse<InputStream>> open = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                open.add(client.send(stream, BodyHandlers.ofInputStream()));
                assertThat(open.getLast().statusCode()).isEqualTo(200);
                assertThat(open.getLast().body().read()).isEqualTo('\n');
            }
            HttpResponse<String> third = client.send(stream, BodyHandlers.ofString());
            assertThat(third.statusCode()).isEqualTo(429);
            assertThat(third.headers().firstValue("Retry-After")).contains("5");
            assertThat(third.body()).contains("has 2 watches open, the most that one may have");
            assertThat(running.get("/metrics").body()).contains("kpod_api_requests_in_flight{listener=\"api\"} 1.0");
            // Read all the time: this client drops what it has not been asked for when its connection ends.
            List<Future<byte[]>> rest = open.stream()
                    .map(one -> readers.submit(() -> one.body().readAllBytes()))
                    .toList();
            long start = System.nanoTime();
            running.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(1800));
            for (Future<byte[]> one : rest) {
                assertThat(new String(one.get(), StandardCharsets.US_ASCII)).isBlank();
            }
        } finally {
            client.shutdownNow();
        }
    }

    @Test
    void aPortThatIsTakenIsNamedWithTheWayOut() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            ApiServerSettings settings = ApiServerSettings.of(Configuration.load(
                    ApiServerSettings.KEYS,
                    List.of(
                            "--kpod.api.mode=standalone",
                            "--kpod.api.port=0",
                            "--kpod.api.ingest-port=" + taken.getLocalPort(),
                            "--kpod.api.state-dir=" + state),
                    Map.of()));
            ApiServer server = new ApiServer(
                    settings,
                    new StandaloneFront(settings, InstantSource.system()),
                    new ServerMetrics(),
                    List.of(),
                    (node, body) -> {
                        throw new AssertionError("no push comes");
                    },
                    List.of());
            assertThatThrownBy(server::start)
                    .isInstanceOf(PortUnavailableException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("set kpod.api.ingest-port to another");
        }
    }

    private static X509Certificate seen(HttpClient client, RunningServer running) throws Exception {
        HttpResponse<String> answer =
                client.send(HttpRequest.newBuilder(running.api("/version")).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return (X509Certificate) answer.sslSession().orElseThrow().getPeerCertificates()[0];
    }
}
