package io.kpod.apiserver.window;

import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.SampleVisitor;
import io.kpod.summary.wire.SummaryWriter;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Adds increments of one container up, slot by slot. Gauges are not added up: the last value of each is with the
 * totals. For one thread.
 */
final class Sums implements SampleVisitor {
    private final boolean takesWhatComes;
    private Predicate<Metric> wanted = metric -> true;
    private Metric[] metrics;
    private String[] labels;
    /** A counter's increments; unused for others. */
    private long[] counts;

    private @Nullable Histogram[] histograms;
    private int size;
    /** Where the next series is looked for first: agents name them in the same order each time. */
    private int cursor;

    private LabelTable table = new LabelTable();

    private Sums(boolean takesWhatComes, Metric[] metrics, String[] labels) {
        this.takesWhatComes = takesWhatComes;
        this.metrics = metrics;
        this.labels = labels;
        this.size = metrics.length;
        this.counts = new long[size];
        this.histograms = new Histogram[size];
    }

    /** Takes any series. */
    static Sums ofWhatComes() {
        return new Sums(true, new Metric[0], new String[0]);
    }

    /** Takes only the series that have totals; at the same places. */
    static Sums of(Totals.Copy totals) {
        return new Sums(false, totals.metrics(), totals.labels());
    }

    /** Whose label indices come next. */
    void labels(LabelTable table) {
        this.table = table;
    }

    /** Which metrics are added up from here on; the others are passed over. */
    void only(Predicate<Metric> wanted) {
        this.wanted = wanted;
    }

    @Override
    public boolean wants(Metric metric) {
        return wanted.test(metric);
    }

    @Override
    public void counter(Metric metric, int label, long value) {
        int index = indexOf(metric, table.value(label));
        if (index >= 0) {
            counts[index] += value;
        }
    }

    @Override
    public void gauge(Metric metric, int label, double value) {
        // the last one is with the totals
    }

    @Override
    public void distribution(Metric metric, int label, long[] flat) {
        int index = indexOf(metric, table.value(label));
        if (index >= 0) {
            histogram(index).add(flat, 0);
        }
    }

    /** A counter's increments. */
    long count(int index) {
        return counts[index];
    }

    /** A distribution's increments. */
    Histogram histogram(int index) {
        Histogram histogram = histograms[index];
        if (histogram == null) {
            histogram = new Histogram();
            histograms[index] = histogram;
        }
        return histogram;
    }

    /**
     * Writes what was added up into a container that {@code writer} has begun.
     *
     * @param indices of the labels
     */
    void write(SummaryWriter writer, Map<String, Integer> indices) {
        for (int i = 0; i < size; i++) {
            int label = indices.getOrDefault(labels[i], 0);
            switch (metrics[i].type()) {
                case COUNTER -> writer.counter(metrics[i], label, counts[i]);
                case DISTRIBUTION ->
                    writer.distribution(metrics[i], label, histogram(i).toFlat(), 0, null, 0);
                case GAUGE -> {}
            }
        }
    }

    /** Where the series stands; -1 if it is not among those that are taken. */
    private int indexOf(Metric metric, String label) {
        for (int step = 0, i = cursor < size ? cursor : 0; step < size; step++, i = i + 1 < size ? i + 1 : 0) {
            if (metrics[i] == metric && labels[i].equals(label)) {
                cursor = i + 1;
                return i;
            }
        }
        if (!takesWhatComes) {
            return -1;
        }
        if (size == metrics.length) {
            int room = Math.max(8, size * 2);
            metrics = Arrays.copyOf(metrics, room);
            labels = Arrays.copyOf(labels, room);
            counts = Arrays.copyOf(counts, room);
            histograms = Arrays.copyOf(histograms, room);
        }
        metrics[size] = metric;
        labels[size] = label;
        return size++;
    }
}
