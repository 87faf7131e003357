package io.kpod.apiserver.observation;

import io.javalin.config.RoutesConfig;
import io.kpod.apiserver.http.ApiGroup;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** {@code /metrics} of this server. Labels take few values: what a caller may choose freely never becomes one. */
public final class ServerMetrics implements ApiGroup {
    private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final Duration[] BUCKETS = {
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(20),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    public ServerMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    /** Where others put their meters. */
    public MeterRegistry registry() {
        return registry;
    }

    /** One request of the API was answered. */
    public void requestAnswered(String verb, String group, String resource, int code, Duration time) {
        Timer.builder("kpod.api.request.duration")
                .description("Time from the request's headers to the end of its answer")
                .tags("verb", verb, "group", group, "resource", resource, "code", Integer.toString(code))
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(time);
    }

    /** Watches a listener's requests in flight. */
    public void requestsInFlight(String listener, IntSupplier count) {
        Gauge.builder("kpod.api.requests.in.flight", count::getAsInt)
                .description("Requests that are being answered")
                .tag("listener", listener)
                .register(registry);
    }

    /** Counts open watches. */
    public void watches(IntSupplier count) {
        Gauge.builder("kpod.api.watches", count::getAsInt)
                .description("Watches that are open")
                .register(registry);
    }

    /** Watches the end of the serving certificate. */
    public void certificateExpiry(Supplier<Instant> expiry, InstantSource clock) {
        Gauge.builder(
                        "kpod.api.certificate.expiry.seconds",
                        () -> Duration.between(clock.instant(), expiry.get()).toSeconds())
                .description("Time left until the serving certificate expires")
                .register(registry);
    }

    /**
     * Watches the nodes.
     *
     * @param known how many the cluster has
     * @param heard how long ago each agent was last heard, by node; read at each scrape
     */
    public void nodes(IntSupplier known, Supplier<Map<String, Duration>> heard) {
        Gauge.builder("kpod.api.nodes", known::getAsInt)
                .description("Nodes that the cluster has")
                .register(registry);
        registry.getPrometheusRegistry().register(() -> {
            GaugeSnapshot.Builder ages = GaugeSnapshot.builder()
                    .name("kpod_api_node_freshness_seconds")
                    .help("Time since a node's agent was last heard");
            heard.get()
                    .forEach((node, age) -> ages.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                            .labels(Labels.of("node", node))
                            .value(age.toMillis() / 1e3)
                            .build()));
            return ages.build();
        });
    }

    @Override
    public void routes(RoutesConfig routes) {
        routes.get("/metrics", context -> context.contentType(CONTENT_TYPE).result(registry.scrape(CONTENT_TYPE)));
    }
}
