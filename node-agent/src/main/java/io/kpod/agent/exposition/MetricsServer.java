package io.kpod.agent.exposition;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kpod.agent.AgentSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Serves {@code /metrics} (and its older path {@code /actuator/prometheus}) in the format that the scraper accepts,
 * compressed if it accepts gzip; {@code /healthz} and {@code /readyz} for the kubelet.
 */
public final class MetricsServer implements AutoCloseable {
    private static final int BACKLOG = 64;

    static {
        // seconds; a peer that sends or reads slowly is cut off, and cannot keep the kubelet's probes out
        System.setProperty("sun.net.httpserver.maxReqTime", "5");
        System.setProperty("sun.net.httpserver.maxRspTime", "30");
        System.setProperty("jdk.httpserver.maxConnections", "256");
    }

    private final HttpServer server;
    /**
     * Bounded by the connections. Platform threads: on a virtual one the JDK's BufferedWriter, to which the library writes the
     * agent's own meters character by character, copies its buffer at each.
     */
    private final ExecutorService executor = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("metrics-", 0).factory());

    /**
     * Starts to listen.
     *
     * @param unready why the agent is not ready; empty once it is
     * @throws IOException if the address is not this host's or the port is taken; says which, and the way out
     */
    public MetricsServer(AgentSettings.Metrics settings, MetricsPage metrics, Supplier<String> unready)
            throws IOException {
        InetSocketAddress address = new InetSocketAddress(settings.address(), settings.port());
        try {
            server = HttpServer.create(address, BACKLOG);
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on " + settings.address() + ":" + settings.port() + " for /metrics: "
                            + e.getMessage() + "; free the port or set kpod.metrics.port and kpod.metrics.address",
                    e);
        }
        server.createContext("/metrics", metrics);
        server.createContext("/actuator/prometheus", metrics);
        server.createContext("/healthz", exchange -> answer(exchange, 200, "ok\n"));
        server.createContext("/readyz", exchange -> {
            String reason = unready.get();
            answer(exchange, reason.isEmpty() ? 200 : 503, reason.isEmpty() ? "ok\n" : "not ready: " + reason + "\n");
        });
        server.createContext(
                "/", exchange -> answer(exchange, 404, "kpod node agent: see /metrics, /healthz, /readyz\n"));
        server.setExecutor(executor);
        server.start();
    }

    /** The port that it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private static void answer(HttpExchange exchange, int code, String text) throws IOException {
        try (exchange) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
