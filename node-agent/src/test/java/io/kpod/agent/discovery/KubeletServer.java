package io.kpod.agent.discovery;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.kpod.agent.ServerKey;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers {@code /pods} as a kubelet does: over TLS, to those who show the token. */
final class KubeletServer implements AutoCloseable {
    static final String TOKEN = "the-token";

    private final HttpsServer server;
    private final AtomicInteger asked = new AtomicInteger();
    private volatile int code = 200;
    private volatile String answer;

    KubeletServer(ServerKey key, String answer) throws Exception {
        this.answer = answer;
        server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(key.context()));
        server.createContext("/pods", this::answer);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** How often it was asked. */
    int asked() {
        return asked.get();
    }

    /** What it says from now on. */
    void says(int code, String answer) {
        this.answer = answer;
        this.code = code;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.incrementAndGet();
        boolean known = ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
        byte[] body = (known ? answer : "Unauthorized").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(known ? code : 401, body.length == 0 ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
