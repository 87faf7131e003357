package io.kpod.summary;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One metric of the catalogue: everything that any surface needs to know of it.
 *
 * @param wireNumber how a summary names it; never given to another metric
 * @param name dotted name, the metric's identity
 * @param labels names of the labels it has beside namespace, pod, container and node
 * @param labelValues the values that its only label can take, when they are the same on every node; else empty
 * @param fields members of the kernel program's struct that hold its series, in the order of {@code labelValues}; empty
 *     if it does not come from such a struct
 * @param collector the collector that measures it
 * @param source where in the kernel it comes from
 */
public record Metric(
        int wireNumber,
        String name,
        MetricType type,
        Unit unit,
        List<String> labels,
        List<String> labelValues,
        List<String> fields,
        String collector,
        String help,
        String source) {
    /** Between the values of a series with several labels, where they stand in one string: U+001F. */
    public static final String LABEL_SEPARATOR = "\u001f";

    public Metric {
        labels = List.copyOf(labels);
        labelValues = List.copyOf(labelValues);
        fields = List.copyOf(fields);
    }

    /** Read from files every {@code kpod.poll-interval}, so that its counts reach a summary in lumps. */
    public boolean polled() {
        return Catalogue.POLLED_COLLECTORS.contains(collector);
    }

    /** Its label, if it has just one. */
    public Optional<String> onlyLabel() {
        return labels.size() == 1 ? Optional.of(labels.getFirst()) : Optional.empty();
    }

    /**
     * The values of a series' labels, in the order of {@link #labels}; of a string that has too few, the rest empty.
     *
     * @param joined as they stand in one string
     */
    public List<String> valuesOf(String joined) {
        if (labels.size() == 1) {
            return List.of(joined);
        }
        String[] values = Arrays.copyOf(joined.split(LABEL_SEPARATOR, labels.size()), labels.size());
        return Arrays.stream(values).map(value -> value == null ? "" : value).toList();
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

    static Builder counter(int wireNumber, String name) {
        return new Builder(wireNumber, name, MetricType.COUNTER);
    }

    static Builder gauge(int wireNumber, String name) {
        return new Builder(wireNumber, name, MetricType.GAUGE);
    }

    static Builder distribution(int wireNumber, String name) {
        return new Builder(wireNumber, name, MetricType.DISTRIBUTION).unit(Unit.SECONDS);
    }

    /** An entry of the catalogue in the making. */
    static final class Builder {
        private final int wireNumber;
        private final String name;
        private final MetricType type;
        private Unit unit = Unit.NONE;
        private List<String> labels = List.of();
        private List<String> labelValues = List.of();
        private List<String> fields = List.of();
        private String collector = "";

        private Builder(int wireNumber, String name, MetricType type) {
            this.wireNumber = wireNumber;
            this.name = name;
            this.type = type;
        }

        Builder unit(Unit of) {
            unit = of;
            return this;
        }

        Builder labels(String... names) {
            labels = List.of(names);
            return this;
        }

        Builder values(String... ofOnlyLabel) {
            labelValues = List.of(ofOnlyLabel);
            return this;
        }

        Builder fields(String... members) {
            fields = List.of(members);
            return this;
        }

        Builder collector(String of) {
            collector = of;
            return this;
        }

        Metric of(String help, String source) {
            return new Metric(wireNumber, name, type, unit, labels, labelValues, fields, collector, help, source);
        }
    }
}
