package io.kpod.apiserver.window;

import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.SampleVisitor;
import io.kpod.summary.wire.SummaryWriter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Adds increments up, slot by slot; a handful of series, found by walking. For one thread. */
final class Sums implements SampleVisitor {
    private final Predicate<Metric> wanted;
    private Metric[] metrics = {};
    private String[] labels = {};
    /** A counter's increments, or the bits of a gauge's double; unused for a distribution. */
    private long[] values = {};

    private @Nullable Histogram[] histograms = {};
    private String[] strings = {""};

    /** @param wanted metrics that are added up; others are passed over */
    Sums(Predicate<Metric> wanted) {
        this.wanted = wanted;
    }

    /** Whose label indices come next. */
    void strings(String[] strings) {
        this.strings = strings;
    }

    @Override
    public void counter(Metric metric, int label, long value) {
        if (wanted.test(metric)) {
            int index = indexOf(metric, strings[label]);
            values[index] += value;
        }
    }

    @Override
    public void gauge(Metric metric, int label, double value) {
        if (wanted.test(metric)) {
            int index = indexOf(metric, strings[label]);
            values[index] = Double.doubleToRawLongBits(value);
        }
    }

    @Override
    public void distribution(Metric metric, int label, long[] flat) {
        if (wanted.test(metric)) {
            histogram(indexOf(metric, strings[label])).add(flat, 0);
        }
    }

    /** Adds a series that the container has, so that it is there without increments too. */
    void known(SeriesKey key) {
        if (key.metric().type() != MetricType.GAUGE) {
            indexOf(key.metric(), key.label());
        }
    }

    /** Adds all that another has. */
    void add(Sums other) {
        for (int i = 0; i < other.metrics.length; i++) {
            int index = indexOf(other.metrics[i], other.labels[i]);
            values[index] += other.values[i];
            Histogram histogram = other.histograms[i];
            if (histogram != null) {
                histogram(index).add(histogram);
            }
        }
    }

    /**
     * The finished series.
     *
     * @param totals of counters; a counter without one is left with 0
     * @param gaugeValues last values of gauges
     */
    Map<SeriesKey, Series> series(Map<SeriesKey, Long> totals, Map<SeriesKey, Double> gaugeValues) {
        Map<SeriesKey, Series> series = new HashMap<>();
        for (int i = 0; i < metrics.length; i++) {
            SeriesKey key = new SeriesKey(metrics[i], labels[i]);
            switch (metrics[i].type()) {
                case COUNTER -> series.put(key, new Series.Counter(totals.getOrDefault(key, 0L), values[i]));
                case DISTRIBUTION -> series.put(key, new Series.Distribution(histogram(i)));
                case GAUGE -> {}
            }
        }
        gaugeValues.forEach((key, value) -> series.put(key, new Series.Gauge(value)));
        return series;
    }

    /**
     * Writes what was added up into a container that {@code writer} has begun; labels by their place in {@code
     * table}.
     */
    void write(SummaryWriter writer, List<String> table) {
        for (int i = 0; i < metrics.length; i++) {
            int label = table.indexOf(labels[i]);
            switch (metrics[i].type()) {
                case COUNTER -> writer.counter(metrics[i], label, values[i]);
                case GAUGE -> writer.gauge(metrics[i], label, Double.longBitsToDouble(values[i]));
                case DISTRIBUTION ->
                    writer.distribution(metrics[i], label, histogram(i).toFlat(), 0, null, 0);
            }
        }
    }

    private Histogram histogram(int index) {
        Histogram histogram = histograms[index];
        if (histogram == null) {
            histogram = new Histogram();
            histograms[index] = histogram;
        }
        return histogram;
    }

    private int indexOf(Metric metric, String label) {
        int size = metrics.length;
        for (int i = 0; i < size; i++) {
            if (metrics[i] == metric && labels[i].equals(label)) {
                return i;
            }
        }
        metrics = Arrays.copyOf(metrics, size + 1);
        labels = Arrays.copyOf(labels, size + 1);
        values = Arrays.copyOf(values, size + 1);
        histograms = Arrays.copyOf(histograms, size + 1);
        metrics[size] = metric;
        labels[size] = label;
        return size;
    }
}
