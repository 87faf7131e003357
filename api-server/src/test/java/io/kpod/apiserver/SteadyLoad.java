package io.kpod.apiserver;

import io.kpod.apiserver.certificate.Pem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;

/**
 * So many requests a second, as a program inside the control plane's network: no more than {@value #AT_ONCE} open at
 * once, half of them over one HTTP/2 connection to each server, the others over HTTP/1.1. Says each second what became
 * of all so far: {@code 1 s: 200=187 503=1}; what was not a 200 it says in full, once for each kind.
 */
final class SteadyLoad {
    private static final int AT_ONCE = 40;
    private static final int SHOWN = 300;
    /** Requests that were late by less are made up for. */
    private static final Duration LATE = Duration.ofSeconds(2);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicLong due = new AtomicLong(System.nanoTime());
    private final List<URI> urls;
    private final String token;
    private final long interval;

    /** Arguments: the authorities of the servers, a token, requests a second, then URLs to be asked in turn. */
    public static void main(String[] arguments) throws Exception {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(
                null,
                RunningServer.trusting(Pem.readCertificates(Files.readString(Path.of(arguments[0]))))
                        .getTrustManagers(),
                null);
        SteadyLoad load = new SteadyLoad(
                Arrays.stream(arguments).skip(3).map(URI::create).toList(),
                arguments[1],
                Duration.ofSeconds(1).toNanos() / Integer.parseInt(arguments[2]));
        for (HttpClient.Version version : HttpClient.Version.values()) {
            HttpClient client =
                    HttpClient.newBuilder().sslContext(tls).version(version).build();
            for (int i = 0; i < AT_ONCE / 2; i++) {
                Thread.ofVirtual().start(() -> load.ask(client));
            }
        }
        for (int second = 1; ; second++) {
            Thread.sleep(Duration.ofSeconds(1));
            System.out.println(second + " s: " + load);
        }
    }

    private SteadyLoad(List<URI> urls, String token, long interval) {
        this.urls = urls;
        this.token = token;
        this.interval = interval;
    }

    private void ask(HttpClient client) {
        try {
            while (true) {
                awaitTurn();
                URI url = urls.get(asked.getAndIncrement() % urls.size());
                HttpRequest request = HttpRequest.newBuilder(url)
                        .timeout(PATIENCE)
                        .header("Authorization", "Bearer " + token)
                        .build();
                try {
                    HttpResponse<byte[]> answer = send(client, request);
                    count(
                            Integer.toString(answer.statusCode()),
                            url,
                            client.version() + " " + new String(answer.body(), StandardCharsets.UTF_8));
                } catch (IOException e) {
                    count("failed", url, client.version() + " " + e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Once more if a kept connection of HTTP/1.1 ended before a byte of the answer: its server may have closed it while it was idle, and a
     * client asks again (RFC 9112, 9.3.1). Go's does by itself, Java's does not.
     */
    private static HttpResponse<byte[]> send(HttpClient client, HttpRequest request)
            throws IOException, InterruptedException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            if (client.version() == HttpClient.Version.HTTP_1_1
                    && String.valueOf(e.getMessage()).contains("received no bytes")) {
                return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            }
            throw e;
        }
    }

    private void awaitTurn() throws InterruptedException {
        long turn = due.updateAndGet(last -> Math.max(last + interval, System.nanoTime() - LATE.toNanos()));
        Thread.sleep(Duration.ofNanos(Math.max(0, turn - System.nanoTime())));
    }

    private void count(String kind, URI url, String text) {
        counts.computeIfAbsent(kind, first -> {
                    if (!kind.equals("200")) {
                        System.out.println(kind + " from " + url + ": "
                                + text.substring(0, Math.min(text.length(), SHOWN))
                                        .strip());
                    }
                    return new LongAdder();
                })
                .increment();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        counts.forEach(
                (kind, count) -> text.append(kind).append('=').append(count).append(' '));
        return text.toString().strip();
    }
}
