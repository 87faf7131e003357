package io.kpod.apiserver.passthrough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.javalin.Javalin;
import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.certificate.CertificateAuthority;
import io.kpod.apiserver.certificate.KeyAndChain;
import io.kpod.apiserver.certificate.Pem;
import io.kpod.apiserver.health.HealthCheck;
import io.kpod.apiserver.status.StatusBody;
import io.kpod.apiserver.status.StatusException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests through a PassThrough to a TLS server of the JDK that demands client certificates and writes down what comes. */
class PassThroughTest {
    private static final String TARGET =
            "/apis/custom.metrics.k8s.io/v1beta1/namespaces/d/ingresses.networking.k8s.io/main/requests_per_second";
    private static final String GROUP = "custom.metrics.k8s.io";
    private static final char[] PASSWORD = "test".toCharArray();
    private static final String BODY = "{\"kind\":\"MetricValueList\",\"items\":[]}";

    /** What the adapter saw of a request. */
    private record Seen(URI uri, Map<String, List<String>> headers, String subject, String issuer) {}

    @TempDir
    Path folder;

    private final CertificateAuthority serving = CertificateAuthority.create("adapter", Instant.now());
    private final AtomicReference<CertificateAuthority> ours =
            new AtomicReference<>(CertificateAuthority.create("kpod", Instant.now()));
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final AtomicReference<User> caller = new AtomicReference<>(new User(
            "system:serviceaccount:kube-system:horizontal-pod-autoscaler",
            "uid-7",
            List.of("system:serviceaccounts", "system:authenticated"),
            Map.of("Authentication.kubernetes.io/pod name", List.of("a", "b"))));
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpsServer adapter;
    private PassThrough passThrough;
    private Javalin front;

    @BeforeEach
    void start() throws Exception {
        adapter = adapter(serving);
        Path trusted = folder.resolve("ca.crt");
        Files.writeString(trusted, Pem.write(List.of(serving.certificate())));
        passThrough = passThrough("localhost:" + adapter.getAddress().getPort(), trusted);
        front = front(passThrough);
    }

    private PassThrough passThrough(String place, Path trusted) {
        return new PassThrough(
                GROUP, new Adapter("other", "adapter", 443, trusted), place, ours::get, meters, now::get);
    }

    private Javalin front(PassThrough to) {
        return Javalin.create(config -> {
                    config.startup.showJavalinBanner = false;
                    config.http.defaultContentType = "application/json";
                    config.routes.before(context -> caller.get().into(context));
                    config.routes.exception(
                            StatusException.class,
                            (failure, context) -> context.status(
                                            failure.reason().httpCode())
                                    .contentType(StatusBody.CONTENT_TYPE)
                                    .result(StatusBody.of(failure)));
                    config.routes.get(
                            "/apis/<rest>",
                            context -> assertThat(to.answered(context)).isTrue());
                })
                .start("127.0.0.1", 0);
    }

    @AfterEach
    void stop() {
        release.countDown();
        front.stop();
        passThrough.close();
        adapter.stop(0);
    }

    private HttpsServer adapter(CertificateAuthority signer) throws Exception {
        KeyAndChain keys = signer.signServer(
                List.of("localhost"), List.of(InetAddress.ofLiteral("127.0.0.1")), Instant.now(), Duration.ofHours(1));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        store.setKeyEntry("server", keys.key(), PASSWORD, keys.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, PASSWORD);
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, PASSWORD);
        trust.setCertificateEntry("kpod", ours.get().certificate());
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(trust);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), trusted.getTrustManagers(), null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = getSSLContext().getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
        return server;
    }

    private void handle(HttpExchange exchange) throws IOException {
        X509Certificate shown =
                (X509Certificate) ((HttpsExchange) exchange).getSSLSession().getPeerCertificates()[0];
        seen.add(new Seen(
                exchange.getRequestURI(),
                Map.copyOf(exchange.getRequestHeaders()),
                shown.getSubjectX500Principal().getName(),
                shown.getIssuerX500Principal().getName()));
        String path = exchange.getRequestURI().getPath();
        byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/vnd.kubernetes.protobuf");
        exchange.getResponseHeaders().add("Retry-After", "3");
        exchange.getResponseHeaders().add("Set-Cookie", "a=b");
        if (path.endsWith("/huge")) {
            exchange.sendResponseHeaders(200, 0);
            try (var out = exchange.getResponseBody()) {
                byte[] megabyte = new byte[1 << 20];
                for (int i = 0; i < 17; i++) {
                    out.write(megabyte);
                }
            }
            return;
        }
        if (path.endsWith("/slow")) {
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (path.endsWith("/moved")) {
            exchange.getResponseHeaders().add("Location", "https://elsewhere.example/");
        }
        int code = path.matches(".*/[0-9]{3}") ? Integer.parseInt(path.substring(path.length() - 3)) : 200;
        exchange.sendResponseHeaders(path.endsWith("/moved") ? 302 : code, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private HttpResponse<String> get(String target, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + front.port() + target));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void theAdapterSeesTheRequestAndWhoAsksAsAnAggregatorTellsIt() throws Exception {
        HttpResponse<String> answer = get(
                TARGET + "?metricLabelSelector=a%3Db%2Cc&labelSelector=",
                "Accept",
                "application/vnd.kubernetes.protobuf, */*",
                "Audit-ID",
                "audit-1",
                "Authorization",
                "Bearer secret",
                "X-Remote-User",
                "admin",
                "X-Remote-Group",
                "system:masters",
                "X-Remote-Extra-Scopes",
                "all",
                "Impersonate-User",
                "root");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(BODY);
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("application/vnd.kubernetes.protobuf");
        assertThat(answer.headers().firstValue("Retry-After")).contains("3");
        assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(seen).hasSize(1);
        Seen request = seen.getFirst();
        assertThat(request.uri()).hasToString(TARGET + "?metricLabelSelector=a%3Db%2Cc&labelSelector=");
        assertThat(request.subject()).contains("CN=kpod-api-server");
        assertThat(request.issuer()).isEqualTo("CN=kpod");
        Map<String, List<String>> headers = request.headers();
        assertThat(headers.get("X-remote-user"))
                .containsExactly("system:serviceaccount:kube-system:horizontal-pod-autoscaler");
        assertThat(headers.get("X-remote-uid")).containsExactly("uid-7");
        assertThat(headers.get("X-remote-group")).containsExactly("system:serviceaccounts", "system:authenticated");
        assertThat(headers.get("X-remote-extra-authentication.kubernetes.io%2fpod%20name"))
                .containsExactly("a", "b");
        assertThat(headers.get("Accept")).containsExactly("application/vnd.kubernetes.protobuf, */*");
        assertThat(headers.get("Audit-id")).containsExactly("audit-1");
        assertThat(headers).doesNotContainKeys("Authorization", "Impersonate-user", "X-remote-extra-scopes", "Cookie");
    }

    @Test
    void whatTheAdapterRefusesIsRefusedButItsDoubtInUsIsNotTheCallers() throws Exception {
        assertThat(get("/apis/g/404").statusCode()).isEqualTo(404);
        assertThat(get("/apis/g/403").statusCode()).isEqualTo(403);
        HttpResponse<String> doubted = get("/apis/g/401");
        assertThat(doubted.statusCode()).isEqualTo(503);
        assertThat(doubted.body())
                .contains("Service other/adapter", "--requestheader-client-ca-file", "ConfigMap kpod-ca")
                .contains("--requestheader-allowed-names=kpod-api-server");
        HttpResponse<String> moved = get("/apis/g/moved");
        assertThat(moved.statusCode()).isEqualTo(503);
        assertThat(moved.body()).contains("redirects (302)");
        assertThat(seen).hasSize(4);
        assertThat(meters.get("kpod.api.passed.on")
                        .tags("group", GROUP, "code", "error")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    @Test
    void anAnswerThatIsTooLargeOrTooLateIsCutOff() throws Exception {
        assertThat(get("/apis/g/huge").statusCode()).isEqualTo(503);
        long start = System.nanoTime();
        HttpResponse<String> late = get("/apis/g/slow");
        assertThat(late.statusCode()).isEqualTo(503);
        assertThat(late.body()).contains("no answer within 10 s");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void onlySoManyRequestsWaitAtOnce() throws Exception {
        List<java.util.concurrent.CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            waiting.add(client.sendAsync(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + front.port() + "/apis/g/slow"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString()));
        }
        org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(8)).until(() -> seen.size() == 64);
        assertThat(get("/apis/g/one-more").statusCode()).isEqualTo(429);
        release.countDown();
        for (var each : waiting) {
            assertThat(each.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
        assertThat(get("/apis/g/one-more").statusCode()).isEqualTo(200);
    }

    @Test
    void aCertificateOfAnotherAuthorityOrAnotherNameIsNotTalkedTo() throws Exception {
        Path other = folder.resolve("other.crt");
        Files.writeString(
                other,
                Pem.write(List.of(
                        CertificateAuthority.create("adapter", Instant.now()).certificate())));
        String place = "localhost:" + adapter.getAddress().getPort();
        assertRefused(passThrough(place, other), "TLS: ");
        assertRefused(
                passThrough("127.0.0.2:" + adapter.getAddress().getPort(), folder.resolve("ca.crt")),
                "TLS: No subject alternative names matching IP address 127.0.0.2 found");
        assertRefused(passThrough(place, folder.resolve("none.crt")), "authorities can't be read from");
        assertThat(seen).isEmpty();
    }

    private void assertRefused(PassThrough to, String message) throws Exception {
        Javalin own = front(to);
        try (to) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + own.port() + TARGET))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("Service other/adapter").contains(message);
            assertThat(((HealthCheck.State.Good) to.check().state().get()).remark())
                    .contains("the last request failed");
        } finally {
            own.stop();
        }
    }

    @Test
    void itsOwnCertificateIsRenewedBeforeItExpiresAndWhenTheAuthorityIsReplaced() throws Exception {
        assertThat(get("/apis/g/1").statusCode()).isEqualTo(200);
        CertificateAuthority first = ours.get();
        ours.set(CertificateAuthority.create("kpod2", Instant.now()));
        now.set(now.get().plusSeconds(11));
        // the adapter does not trust the new one: proof that it is shown
        assertThat(get("/apis/g/2").statusCode()).isEqualTo(503);
        ours.set(first);
        now.set(now.get().plusSeconds(11));
        assertThat(get("/apis/g/3").statusCode()).isEqualTo(200);
        assertThat(seen).hasSize(2);
    }

    @Test
    void aNameThatAHeaderCouldChangeIsNotTold() throws Exception {
        for (String name : List.of(" admin", "admin ", "j\u00f6rg", "a\u0001b")) {
            caller.set(new User(name, "", List.of(), Map.of()));
            assertThat(get("/apis/g/x").statusCode()).as(name).isEqualTo(400);
        }
        assertThat(seen).isEmpty();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://localhost"));
        assertThatThrownBy(
                        () -> IdentityHeaders.put(request, new User("a\r\nX-Remote-Group: b", "", List.of(), Map.of())))
                .isInstanceOf(StatusException.class);
    }
}
