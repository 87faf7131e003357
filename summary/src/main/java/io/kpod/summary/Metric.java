package io.kpod.summary;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One metric of the catalogue: everything that any surface needs to know of it.
 *
 * @param wireNumber how a summary names it; never given to another metric
 * @param name dotted name, the metric's identity
 * @param label name of the label it has beside namespace, pod, container and node; null: none
 * @param labelValues the values that label can take, when they are known beforehand; else empty
 * @param collector the collector that measures it
 * @param source where in the kernel it comes from
 */
public record Metric(
        int wireNumber,
        String name,
        MetricType type,
        Unit unit,
        @Nullable String label,
        List<String> labelValues,
        String collector,
        String help,
        String source) {
    public Metric {
        labelValues = List.copyOf(labelValues);
    }

    /** Prometheus name without the {@code _total} of counters: dots become underscores, seconds are named. */
    public String prometheusBaseName() {
        String base = name.replace('.', '_');
        return unit == Unit.SECONDS && !base.endsWith("_seconds") ? base + "_seconds" : base;
    }

    /**
     * The name on {@code /metrics}: {@code kpod_cpu_context_switches_total}, {@code
     * kpod_cpu_runqueue_latency_seconds}.
     */
    public String prometheusName() {
        return type == MetricType.COUNTER ? prometheusBaseName() + "_total" : prometheusBaseName();
    }
}
