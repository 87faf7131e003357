package io.kpod.apiserver.http;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.util.JavalinException;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.HTTP2Cipher;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.LowResourceMonitor;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.component.ContainerLifeCycle;
import org.eclipse.jetty.util.component.Graceful;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One port: TLS 1.2 or later, HTTP/2 or 1.1 by ALPN, client certificates asked for but not demanded. Handlers run on
 * virtual threads; the few selector threads are the pool's. Nothing redirects.
 */
public final class HttpsListener {
    private static final int POOL_THREADS = 16;
    /** While there are too many connections. */
    private static final int CROWDED_IDLE_MILLIS = 1_000;

    private static final int MIN_COMPRESSED_BYTES = 128 << 10;
    /** For requests in flight to end by themselves, and for clients to go elsewhere. */
    private static final Duration DRAIN = Duration.ofSeconds(1);
    /** For connections to end after they have been broken off. */
    private static final Duration FAREWELL = Duration.ofMillis(600);
    /** An idle connection of a server that has answered everything. */
    private static final Duration LAST_IDLE = Duration.ofMillis(200);

    private static final Duration POLL = Duration.ofMillis(5);
    private static final Logger log = LoggerFactory.getLogger("http");

    private final String name;
    private final String address;
    private final int port;
    private final SSLContext tls;
    private final Bounds bounds;
    private final ConcurrencyLimit limit;
    private final Executor handlers = Executors.newVirtualThreadPerTaskExecutor();
    private final Javalin javalin;

    /**
     * Prepares a port without opening it.
     *
     * @param name for messages, the key of its setting: "kpod.api.port"
     * @param port 0 for any that is free
     * @param routes adds the handlers
     */
    public HttpsListener(
            String name, String address, int port, SSLContext tls, Bounds bounds, Consumer<JavalinConfig> routes) {
        this.name = name;
        this.address = address;
        this.port = port;
        this.tls = tls;
        this.bounds = bounds;
        this.limit = new ConcurrencyLimit(bounds.concurrentRequests());
        this.javalin = Javalin.create(config -> {
            configure(config);
            StatusErrors.install(config);
            routes.accept(config);
        });
    }

    /**
     * Opens the port.
     *
     * @throws PortUnavailableException if it can't be had
     */
    public void start() throws PortUnavailableException {
        try {
            javalin.start();
        } catch (RuntimeException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof SocketException) {
                    throw new PortUnavailableException(name, address, port, cause);
                }
            }
            throw e;
        }
    }

    /** The port that is open. */
    public int port() {
        return javalin.port();
    }

    /** Requests that are being answered. */
    public int inFlight() {
        return limit.inFlight();
    }

    /**
     * Takes no more connections, tells clients to go elsewhere, answers what comes over the connections that are left
     * until they have gone (up to a second), then closes.
     */
    public void stop() {
        long end = System.nanoTime() + DRAIN.toNanos();
        try {
            List<Connector> connectors = List.of(javalin.jettyServer().server().getConnectors());
            connectors.forEach(HttpsListener::sayFarewell);
            awaitUntil(() -> inFlight() == 0, end);
            connectors.forEach(connector -> connector
                    .getConnectedEndPoints()
                    .forEach(connection -> connection.setIdleTimeout(LAST_IDLE.toMillis())));
            awaitUntil(
                    () -> connectors.stream()
                            .allMatch(connector ->
                                    connector.getConnectedEndPoints().isEmpty()),
                    end);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            javalin.stop();
        } catch (JavalinException e) {
            log.debug("connections of {} had to be broken off", name, e);
        }
    }

    /**
     * {@code GOAWAY} to every HTTP/2 client and {@code Connection: close} in answers over HTTP/1.1. Before the server's
     * own shutdown, which answers 503 to whoever has not heard of its end yet: a kube-apiserver sends all requests over
     * one connection, and goes on with it until then.
     */
    private static void sayFarewell(Connector connector) {
        if (connector instanceof ServerConnector server) {
            server.getConnectionFactories().stream()
                    .filter(ContainerLifeCycle.class::isInstance)
                    .flatMap(factory -> ((ContainerLifeCycle) factory).getBeans(Graceful.class).stream())
                    .forEach(Graceful::shutdown);
        }
        connector.shutdown();
    }

    private static void awaitUntil(BooleanSupplier done, long end) throws InterruptedException {
        while (!done.getAsBoolean() && System.nanoTime() - end < 0) {
            Thread.sleep(POLL);
        }
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.maxRequestSize = bounds.bodyBytes();
        config.http.defaultContentType = "application/json";
        CompressionStrategy compression = CompressionStrategy.GZIP;
        compression.setDefaultMinSizeForCompression(MIN_COMPRESSED_BYTES);
        config.http.compressionStrategy = compression;
        QueuedThreadPool pool = new QueuedThreadPool(POOL_THREADS);
        pool.setName(name);
        pool.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
        // A selector that finds a thread in reserve runs an HTTP/1.1 handler itself: a dozen slow clients would hold
        // all.
        pool.setReservedThreads(0);
        config.jetty.threadPool = pool;
        config.jetty.modifyServer(this::configure);
        config.jetty.modifyHttpConfiguration(this::configure);
        config.jetty.addConnector(this::connector);
    }

    private void configure(Server server) {
        server.setErrorHandler(new JettyErrors(bounds));
        server.setStopTimeout(FAREWELL.toMillis());
        server.insertHandler(limit);
        server.insertHandler(new SlowClients(Patience.DEFAULT));
        server.insertHandler(new RequestShape(bounds.headerBytes()));
        server.insertHandler(new GracefulHandler());
    }

    private void configure(HttpConfiguration http) {
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setRequestHeaderSize(bounds.headerBytes());
        http.setMaxUnconsumedRequestContentReads(16);
        // The kube-apiserver asks by SNI for <service>.<namespace>.svc and writes our address into Host.
        http.addCustomizer(new SecureRequestCustomizer(false));
    }

    private Connector connector(Server server, HttpConfiguration http) {
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setSslContext(tls);
        factory.setWantClientAuth(true);
        factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        factory.setCipherComparator(HTTP2Cipher.COMPARATOR);
        factory.setUseCipherSuitesOrder(true);
        factory.setRenegotiationAllowed(false);
        HttpConnectionFactory http1 = new HttpConnectionFactory(http);
        // Its decoder resets a stream without an answer at its limit: below that, RequestShape answers 431.
        HttpConfiguration roomier = new HttpConfiguration(http);
        roomier.setRequestHeaderSize(2 * bounds.headerBytes());
        HTTP2ServerConnectionFactory http2 = new HTTP2ServerConnectionFactory(roomier);
        http2.setMaxConcurrentStreams(bounds.streams());
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol(http1.getProtocol());
        ServerConnector connector = new ServerConnector(
                server, 1, 1, new VirtualTls(factory, alpn.getProtocol(), handlers), alpn, http2, http1);
        connector.setHost(address);
        connector.setPort(port);
        // All agents come at once when a server starts: with the usual fifty, most would knock in vain for seconds.
        connector.setAcceptQueueSize(bounds.connections());
        connector.setIdleTimeout(bounds.idle().toMillis());
        connector.setShutdownIdleTimeout(
                bounds.idle().toMillis()); // requests in flight would be broken off by a shorter
        connector.addBean(new SlowHeads(connector, Patience.DEFAULT.head()));
        LowResourceMonitor monitor = new LowResourceMonitor(server);
        monitor.setMonitorThreads(false);
        monitor.setMonitoredConnectors(List.of(connector)); // unless told, the check counts the connections of none
        monitor.addLowResourceCheck(monitor.new MaxConnectionsLowResourceCheck(bounds.connections()));
        monitor.setLowResourcesIdleTimeout(CROWDED_IDLE_MILLIS);
        server.addBean(monitor);
        return connector;
    }
}
