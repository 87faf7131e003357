package io.kpod.apiserver.window;

import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.histogram.Histogram;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Adds increments of one container up beside its totals; series that have none are passed over. Gauges are not added
 * up: the last value of each is with the totals. For one thread.
 */
final class Sums implements PackedSeries.Visitor {
    /** Shared by all that counted nothing: most containers, most of the time. */
    private static final Histogram EMPTY = new Histogram();

    private static final int ROOM = 16;

    private Metric[] metrics = new Metric[ROOM];
    private int[] labels = new int[ROOM];
    /** A counter's total, or the bits of a gauge's double. */
    private long[] totals = new long[ROOM];
    /** A counter's increments. */
    private long[] counts = new long[ROOM];

    private @Nullable Histogram[] histograms = new Histogram[ROOM];
    private int size;
    private int cursor;
    private Predicate<Metric> wanted = metric -> true;

    /** Takes the totals of the metrics that are wanted. */
    Sums(byte[] packed, Predicate<Metric> wanted) {
        PackedSeries.Entry entry = new PackedSeries.Entry(Catalogue.METRICS.getFirst());
        for (int at = 0; at < packed.length; at = entry.end) {
            PackedSeries.entry(packed, at, entry);
            Metric metric = entry.metric;
            if (wanted.test(metric)) {
                room();
                metrics[size] = metric;
                labels[size] = entry.label;
                totals[size] = switch (metric.type()) {
                    case COUNTER -> PackedSeries.counterAt(packed, entry.value);
                    case GAUGE -> Double.doubleToRawLongBits(PackedSeries.gaugeAt(packed, entry.value));
                    case DISTRIBUTION -> 0;
                };
                size++;
            }
        }
    }

    /** Adds increments up, of the metrics that are wanted. */
    void add(byte[] packed, Predicate<Metric> wanted) {
        this.wanted = wanted;
        PackedSeries.visit(packed, 0, packed.length, this);
    }

    int size() {
        return size;
    }

    Metric metric(int at) {
        return metrics[at];
    }

    int label(int at) {
        return labels[at];
    }

    /** What is known of a series. */
    Series series(int at) {
        return switch (metrics[at].type()) {
            case COUNTER -> new Series.Counter(totals[at], counts[at]);
            case GAUGE -> new Series.Gauge(Double.longBitsToDouble(totals[at]));
            case DISTRIBUTION -> {
                Histogram increments = histograms[at];
                yield new Series.Distribution(increments == null ? EMPTY : increments);
            }
        };
    }

    @Override
    public boolean wants(Metric metric) {
        return metric.type() != MetricType.GAUGE && wanted.test(metric);
    }

    @Override
    public void counter(Metric metric, int label, long value) {
        int at = indexOf(metric, label);
        if (at >= 0) {
            counts[at] += value;
        }
    }

    @Override
    public void gauge(Metric metric, int label, double value) {
        throw new IllegalStateException("slots have no gauges");
    }

    @Override
    public @Nullable Histogram distribution(Metric metric, int label) {
        int at = indexOf(metric, label);
        if (at < 0) {
            return null;
        }
        Histogram increments = histograms[at];
        if (increments == null) {
            increments = new Histogram();
            histograms[at] = increments;
        }
        return increments;
    }

    /** Where the series stands; below 0 if it has no total. */
    private int indexOf(Metric metric, int label) {
        int at = cursor < size ? cursor : 0;
        for (int step = 0; step < size; step++) {
            if (metrics[at] == metric && labels[at] == label) {
                cursor = at + 1;
                return at;
            }
            at = at + 1 < size ? at + 1 : 0;
        }
        return -1;
    }

    private void room() {
        if (size == metrics.length) {
            metrics = Arrays.copyOf(metrics, 2 * size);
            labels = Arrays.copyOf(labels, 2 * size);
            totals = Arrays.copyOf(totals, 2 * size);
            counts = Arrays.copyOf(counts, 2 * size);
            histograms = Arrays.copyOf(histograms, 2 * size);
        }
    }
}
