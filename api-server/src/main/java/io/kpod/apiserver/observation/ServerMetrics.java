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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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

    @Override
    public void routes(RoutesConfig routes) {
        routes.get("/metrics", context -> context.contentType(CONTENT_TYPE).result(registry.scrape(CONTENT_TYPE)));
    }
}
