package io.kpod.apiserver;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.certificate.Pem;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.http.StreamLimit;
import io.kpod.apiserver.ingest.SummarySink;
import io.kpod.apiserver.observation.ServerMetrics;
import io.kpod.configuration.Configuration;
import java.io.IOException;
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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A stand-alone server on ports of its own, with one group that a test can hold up, and clients for it. */
final class RunningServer implements AutoCloseable {
    private static final char[] PASSWORD = "test".toCharArray();

    static {
        Log.configure();
    }

    final Path state;
    final ApiServer server;
    final StandaloneFront front;
    final CountDownLatch release = new CountDownLatch(1);
    final AtomicReference<SummarySink.Outcome> outcome =
            new AtomicReference<>(new SummarySink.Outcome.Acknowledged(7, false, 0));

    RunningServer(Path state) throws Exception {
        this(state, InstantSource.system());
    }

    RunningServer(Path state, InstantSource clock) throws Exception {
        this(state, clock, settings(state));
    }

    RunningServer(Path state, InstantSource clock, ApiServerSettings settings) throws Exception {
        this.state = state;
        front = new StandaloneFront(settings, clock);
        StreamLimit streams = new StreamLimit(2, 2);
        ApiGroup group = new ApiGroup() {
            @Override
            public void routes(RoutesConfig routes) {
                routes.get("/apis/test/v1/things", RunningServer::who);
                routes.get("/apis/test/v1/slow", context -> {
                    release.await();
                    who(context);
                });
                routes.get("/apis/test/v1/flood", context -> {
                    byte[] part = new byte[32 << 10];
                    for (int i = 0; i < 4096; i++) {
                        context.res().getOutputStream().write(part);
                    }
                });
                routes.get("/apis/test/v1/broken", context -> {
                    throw new IllegalStateException("secret detail");
                });
                routes.get("/apis/test/v1/stream", context -> {
                    try (StreamLimit.Place _ = streams.enter(context)) {
                        context.res().flushBuffer();
                        while (streams.pause(Duration.ofMillis(100))) {
                            context.res().getOutputStream().write('\n');
                            context.res().flushBuffer();
                        }
                        context.res().getOutputStream().close();
                    }
                });
            }

            @Override
            public void stopping() {
                streams.close();
            }
        };
        server = new ApiServer(
                settings, front, new ServerMetrics(), List.of(group), (node, body) -> outcome.get(), List.of());
        server.start();
    }

    static ApiServerSettings settings(Path state, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "--kpod.api.mode=standalone",
                "--kpod.api.port=0",
                "--kpod.api.ingest-port=0",
                "--kpod.api.state-dir=" + state));
        arguments.addAll(List.of(more));
        return ApiServerSettings.of(Configuration.load(ApiServerSettings.KEYS, arguments, Map.of()));
    }

    private static void who(Context context) {
        context.result("{\"user\":\"" + User.of(context).name() + "\",\"protocol\":\""
                + context.req().getProtocol() + "\"}");
    }

    URI api(String path) {
        return URI.create("https://127.0.0.1:" + server.port() + path);
    }

    URI ingest() {
        return URI.create("https://127.0.0.1:" + server.ingestPort() + "/ingest/v1/summaries");
    }

    HttpClient client(boolean withCertificate, HttpClient.Version version) throws Exception {
        return HttpClient.newBuilder()
                .sslContext(tls(withCertificate))
                .version(version)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        try (HttpClient client = client(true, HttpClient.Version.HTTP_2)) {
            HttpRequest.Builder request = HttpRequest.newBuilder(api(path));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    HttpResponse<String> getAnonymously(String path, String... headers) throws Exception {
        try (HttpClient client = client(false, HttpClient.Version.HTTP_1_1)) {
            HttpRequest.Builder request = HttpRequest.newBuilder(api(path));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    /** Requests that a port is answering. */
    int inFlight(String port) throws Exception {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("kpod_api_requests_in_flight{listener=\"" + port + "\"}"))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    /** A connection over which a test speaks HTTP/1.1 by itself. */
    SSLSocket connect(boolean withCertificate, int port) throws Exception {
        return connect(tls(withCertificate), port);
    }

    static SSLSocket connect(SSLContext tls, int port) throws IOException {
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.setSoTimeout(60_000);
        socket.startHandshake();
        return socket;
    }

    SSLContext tls(boolean withCertificate) throws Exception {
        String kubeconfig = Files.readString(state.resolve("kubeconfig"));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, PASSWORD);
        if (withCertificate) {
            keys.setKeyEntry(
                    "client",
                    Pem.readKey(decoded(kubeconfig, "client-key-data")),
                    PASSWORD,
                    Pem.readCertificates(decoded(kubeconfig, "client-certificate-data"))
                            .toArray(X509Certificate[]::new));
        }
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, PASSWORD);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(
                keyManagers.getKeyManagers(),
                trusting(Pem.readCertificates(Files.readString(state.resolve("ca.crt"))))
                        .getTrustManagers(),
                null);
        return tls;
    }

    static TrustManagerFactory trusting(List<X509Certificate> authorities) throws Exception {
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, PASSWORD);
        for (int i = 0; i < authorities.size(); i++) {
            trust.setCertificateEntry("ca" + i, authorities.get(i));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trust);
        return managers;
    }

    static String decoded(String kubeconfig, String field) {
        return Pattern.compile(field + ": (\\S+)")
                .matcher(kubeconfig)
                .results()
                .map(match -> new String(Base64.getDecoder().decode(match.group(1)), StandardCharsets.US_ASCII))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        release.countDown();
        server.close();
    }
}
