package io.kpod.agent.collector;

import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the slow sources said of one target at one time. Used again for the next one. */
public final class Sample {
    /** Takes a sample's values. */
    @FunctionalInterface
    public interface Consumer {
        /**
         * One value.
         *
         * @param labels as {@link LabelledSeries#offset} takes them; empty for a metric without labels
         * @param bits a counter's value as the source has it, in nanoseconds for seconds; a gauge's as {@link
         *     Double#doubleToRawLongBits}
         */
        void accept(Metric metric, String labels, long bits);
    }

    private final List<Metric> metrics = new ArrayList<>();
    private final List<String> labels = new ArrayList<>();
    private long[] bits = new long[64];

    /** Empties it. */
    public void clear() {
        metrics.clear();
        labels.clear();
    }

    /** A counter without a label, as the source has it; in nanoseconds if its unit is seconds. */
    public void counter(Metric metric, long value) {
        counter(metric, "", value);
    }

    /** A counter with its label's value. */
    public void counter(Metric metric, String label, long value) {
        add(metric, MetricType.COUNTER, label, value);
    }

    /** A gauge without a label. */
    public void gauge(Metric metric, double value) {
        gauge(metric, "", value);
    }

    /** A gauge with its label's value. */
    public void gauge(Metric metric, String label, double value) {
        add(metric, MetricType.GAUGE, label, Double.doubleToRawLongBits(value));
    }

    /** Shows all values in the order in which they came. */
    public void forEach(Consumer consumer) {
        for (int i = 0; i < metrics.size(); i++) {
            consumer.accept(metrics.get(i), labels.get(i), bits[i]);
        }
    }

    private void add(Metric metric, MetricType type, String label, long value) {
        if (metric.type() != type || metric.labels().isEmpty() != label.isEmpty()) {
            throw new IllegalArgumentException(metric.name() + " is a " + metric.type() + " with labels "
                    + metric.labels() + ", not a " + type + " of \"" + label + "\"");
        }
        if (metrics.size() == bits.length) {
            bits = Arrays.copyOf(bits, 2 * bits.length);
        }
        bits[metrics.size()] = value;
        metrics.add(metric);
        labels.add(label);
    }
}
