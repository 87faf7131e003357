package io.kpod.apiserver;

import com.github.benmanes.caffeine.cache.Ticker;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.kpod.apiserver.certificate.AnyClientCertificate;
import io.kpod.apiserver.change.Presence;
import io.kpod.apiserver.custommetrics.CustomMetrics;
import io.kpod.apiserver.custommetrics.DescribedValues;
import io.kpod.apiserver.discovery.Discovery;
import io.kpod.apiserver.externalmetrics.ExternalMetrics;
import io.kpod.apiserver.health.HealthCheck;
import io.kpod.apiserver.health.HealthEndpoints;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.http.ApiListener;
import io.kpod.apiserver.http.Bounds;
import io.kpod.apiserver.http.HttpsListener;
import io.kpod.apiserver.http.PortUnavailableException;
import io.kpod.apiserver.http.StreamLimit;
import io.kpod.apiserver.http.VersionEndpoint;
import io.kpod.apiserver.ingest.IngestEndpoint;
import io.kpod.apiserver.ingest.IngestMetrics;
import io.kpod.apiserver.ingest.NodeRateLimit;
import io.kpod.apiserver.ingest.SummarySink;
import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.KubernetesInventory;
import io.kpod.apiserver.inventory.NamespaceLookup;
import io.kpod.apiserver.inventory.StandAloneInventory;
import io.kpod.apiserver.kernelmetrics.KernelMetrics;
import io.kpod.apiserver.kernelmetrics.NodesResource;
import io.kpod.apiserver.kernelmetrics.PodsResource;
import io.kpod.apiserver.kernelmetrics.PreemptorsResource;
import io.kpod.apiserver.kernelmetrics.Serving;
import io.kpod.apiserver.kernelmetrics.WorkloadsResource;
import io.kpod.apiserver.observation.ServerMetrics;
import io.kpod.apiserver.openapi.OpenApi;
import io.kpod.apiserver.query.NodeQuery;
import io.kpod.apiserver.query.PodQuery;
import io.kpod.apiserver.query.WindowLength;
import io.kpod.apiserver.status.Causes;
import io.kpod.apiserver.value.PodValues;
import io.kpod.apiserver.window.Admission;
import io.kpod.apiserver.window.WindowMeters;
import io.kpod.apiserver.window.WindowSettings;
import io.kpod.apiserver.window.WindowStore;
import io.kpod.configuration.Configuration;
import io.kpod.configuration.ConfigurationException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server: two ports, what stands before them and what answers behind. */
public final class ApiServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("api-server");
    private static final double PUSHES_PER_SECOND = 10;
    private static final int PUSH_BURST = 20;

    private final Front front;
    private final Duration drain;
    private final List<ApiGroup> groups;
    private final HealthEndpoints health;
    private final HttpsListener api;
    private final HttpsListener ingest;
    private volatile boolean open;
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("refresh").daemon().factory());

    /** Starts the server; it runs until a signal. */
    public static void main(String[] arguments) throws InterruptedException {
        Log.configure();
        List<String> given = Arrays.asList(arguments);
        if (given.contains("--help")) {
            System.out.print(Configuration.help(ApiServerSettings.KEYS));
            return;
        }
        Opened opened = new Opened();
        AtomicInteger code = new AtomicInteger();
        // first of all: a signal may come while the server starts
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            opened.close();
            // after a signal the JVM would exit with 128 + its number
            Runtime.getRuntime().halt(code.get());
        }));
        try {
            ApiServerSettings settings =
                    ApiServerSettings.of(Configuration.load(ApiServerSettings.KEYS, given, System.getenv()));
            ApiServer server = of(settings, InstantSource.system(), opened);
            server.start();
            System.out.println("api-server is up: https://" + settings.address() + ":" + server.port()
                    + ", agents push to port " + server.ingestPort());
        } catch (ConfigurationException e) {
            e.mistakes().forEach(System.err::println);
            code.set(2);
            System.exit(2);
        } catch (IOException | PortUnavailableException | ClusterUnreachableException e) {
            fail(String.valueOf(e.getMessage()), opened, code);
        } catch (RuntimeException e) {
            fail("the api-server can't start: " + Causes.of(e), opened, code);
        }
        Thread.currentThread().join();
    }

    /** Ends with one line, unless a signal has come first: then what failed is what it closed. */
    private static void fail(String message, Opened opened, AtomicInteger code) {
        if (!opened.closed()) {
            System.err.println(message);
            code.set(1);
            System.exit(1);
        }
    }

    private static ApiServer of(ApiServerSettings settings, InstantSource clock, Opened opened)
            throws IOException, ClusterUnreachableException, InterruptedException {
        ServerMetrics metrics = new ServerMetrics();
        WindowSettings window = WindowSettings.retaining(settings.retention());
        return switch (settings.mode()) {
            case STANDALONE -> {
                WindowStore store = new WindowStore(window, Admission.EVERYTHING, System::nanoTime);
                WindowMeters.register(store, metrics.registry());
                Inventory inventory = new StandAloneInventory(store);
                Presence presence = new Presence(inventory, store, clock, System::nanoTime);
                Front front = new StandaloneFront(settings, clock);
                List<ApiGroup> groups = Stream.concat(
                                groups(settings, front, inventory, store, presence, metrics, clock).stream(),
                                Stream.of(new NamespaceLookup(inventory)))
                        .toList();
                HealthCheck heard = Readiness.heardFromSomeNode(store).atLatestAfter(settings.readyBound());
                yield opened.add(new ApiServer(settings, front, metrics, groups, presence, List.of(heard)));
            }
            case CLUSTER -> {
                KubernetesClient client = opened.add(ClusterFront.client());
                ClusterFront front = ClusterFront.connect(settings, client, metrics.registry(), clock);
                KubernetesInventory inventory = opened.add(new KubernetesInventory(client));
                WindowStore store = new WindowStore(window, inventory, System::nanoTime);
                Presence presence = new Presence(inventory, store, clock, System::nanoTime);
                inventory.start();
                WindowMeters.register(store, metrics.registry());
                HealthCheck heard = Readiness.heardFromNodes(store, inventory).atLatestAfter(settings.readyBound());
                yield opened.add(new ApiServer(
                        settings,
                        front,
                        metrics,
                        groups(settings, front, inventory, store, presence, metrics, clock),
                        presence,
                        List.of(Readiness.synced(inventory), heard)));
            }
        };
    }

    private static List<ApiGroup> groups(
            ApiServerSettings settings,
            Front front,
            Inventory inventory,
            WindowStore store,
            Presence presence,
            ServerMetrics metrics,
            InstantSource clock) {
        PodQuery query = new PodQuery(inventory, store, settings.measuredNamespaces(), clock);
        NodeQuery nodes = new NodeQuery(inventory, store);
        PodValues values = new PodValues(query, nodes, new WindowLength(store.retention()), clock);
        StreamLimit streams = new StreamLimit(settings.watchesPerUser(), settings.watches());
        metrics.watches(streams::open);
        metrics.nodes(() -> (int) inventory.nodes("").count(), store::ages);
        Serving serving = new Serving(presence, streams, store.retention(), clock);
        return List.of(
                new Discovery(List.of(
                        KernelMetrics.declaration(), CustomMetrics.declaration(), ExternalMetrics.declaration())),
                new OpenApi(
                        Stream.of(KernelMetrics.described(), CustomMetrics.described(), ExternalMetrics.described())
                                .flatMap(List::stream)
                                .toList(),
                        front.ownership()),
                new PodsResource(inventory, query, serving),
                new PreemptorsResource(
                        query,
                        serving,
                        (user, namespace) ->
                                front.authorization().permits(user, KernelMetrics.gettingPodsOf(namespace))),
                new WorkloadsResource(inventory, query, serving),
                new NodesResource(inventory, store, serving),
                new CustomMetrics(
                        new DescribedValues(inventory, query, nodes, values, clock),
                        front.unknownMetrics(CustomMetrics.GROUP)),
                new ExternalMetrics(inventory, values, front.unknownMetrics(ExternalMetrics.GROUP), clock));
    }

    /**
     * Puts the server together without opening a port.
     *
     * @param groups the API groups
     * @param sink takes the summaries
     * @param checks of {@code groups} and {@code sink}, for {@code /readyz}
     */
    ApiServer(
            ApiServerSettings settings,
            Front front,
            ServerMetrics metrics,
            List<ApiGroup> groups,
            SummarySink sink,
            List<HealthCheck> checks) {
        this.front = front;
        this.drain = settings.drain();
        this.groups = List.copyOf(groups);
        this.health = new HealthEndpoints(
                Stream.concat(front.checks().stream(), checks.stream()).toList());
        SSLContext tls = front.certificate().tls(new AnyClientCertificate(front::advertisedAuthorities));
        this.api = ApiListener.prepare(
                settings.address(),
                settings.port(),
                tls,
                front.authentication(),
                front.authorization(),
                Stream.concat(Stream.of(health, metrics, new VersionEndpoint()), groups.stream())
                        .toList(),
                metrics::requestAnswered);
        IngestEndpoint endpoint = new IngestEndpoint(
                front.agents(),
                sink,
                new NodeRateLimit(PUSHES_PER_SECOND, PUSH_BURST, Ticker.systemTicker()),
                new IngestMetrics(metrics.registry()),
                Bounds.INGEST.bodyBytes());
        this.ingest = new HttpsListener(
                "kpod.api.ingest-port",
                settings.address(),
                settings.ingestPort(),
                tls,
                Bounds.INGEST,
                config -> endpoint.routes(config.routes));
        metrics.requestsInFlight("api", api::inFlight);
        metrics.requestsInFlight("ingest", ingest::inFlight);
        metrics.certificateExpiry(front.certificate()::expiry, InstantSource.system());
    }

    /**
     * Opens both ports.
     *
     * @throws PortUnavailableException if one can't be had; then neither stays open
     */
    void start() throws PortUnavailableException, IOException {
        api.start();
        try {
            ingest.start();
        } catch (PortUnavailableException e) {
            api.stop();
            throw e;
        }
        open = true;
        front.opened(api.port());
        scheduler.scheduleWithFixedDelay(this::refresh, 0, front.look().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Where the API is. */
    int port() {
        return api.port();
    }

    /** Where agents push. */
    int ingestPort() {
        return ingest.port();
    }

    /** Turns red, serves on until that is known, takes no more, lets what is in flight end, closes. */
    @Override
    public void close() {
        health.stopping();
        if (open && !drain.isZero()) {
            drain();
        }
        groups.forEach(ApiGroup::stopping);
        scheduler.shutdownNow();
        Thread ingestStop = Thread.ofVirtual().start(ingest::stop);
        api.stop();
        try {
            ingestStop.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        front.close();
    }

    /** Whoever has this address yet, or a watch, would come back to it if it ended at once. */
    private void drain() {
        try {
            Thread.sleep(drain);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void refresh() {
        try {
            front.refresh();
        } catch (RuntimeException e) {
            log.warn("a refresh failed, trying again in {} s: {}", front.look().toSeconds(), e.toString());
        }
    }
}
