package io.kpod.apiserver.window;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What the store says of itself on {@code /metrics}. */
public final class WindowMeters {
    private WindowMeters() {}

    /** Adds the store's meters to a registry. */
    public static void register(WindowStore store, MeterRegistry registry) {
        Gauge.builder("kpod.api.store.size", store, WindowStore::bytes)
                .baseUnit("bytes")
                .description("Encoded increments that are kept")
                .register(registry);
        Gauge.builder("kpod.api.store.series", store, WindowStore::series)
                .description("Series that have totals")
                .register(registry);
        Gauge.builder("kpod.api.store.series.refused", store, WindowStore::refusedSeries)
                .description("How often a series was not kept because its container or its node had too many")
                .register(registry);
        Gauge.builder("kpod.api.store.summaries", store, WindowStore::revision)
                .description("Summaries taken since the start")
                .register(registry);
        Gauge.builder("kpod.api.nodes.heard", store, WindowStore::freshNodes)
                .description("Nodes whose agent has been heard lately enough for its data to be served")
                .register(registry);
    }
}
