package io.kpod.apiserver.window;

import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.SampleVisitor;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The series of one container that are being worked on, taken from a summary or added up from slots. Made once and used
 * for one container after the other. For one thread.
 */
final class Increments implements SampleVisitor, PackedSeries.Visitor {
    /** Labels that are the node's already. */
    static final int[] AS_THEY_ARE = {};

    private static final int ABSENT = -1;
    private static final int ROOM = 64;

    private Metric[] metrics = new Metric[ROOM];
    private int[] labels = new int[ROOM];
    /** A counter's value, or the bits of a gauge's double. */
    private long[] values = new long[ROOM];

    private @Nullable Histogram[] histograms = new Histogram[ROOM];
    private boolean[] seen = new boolean[ROOM];
    private int size;
    /** Where the next series is looked for first: they come in the same order each time. */
    private int cursor;

    private long highest;
    private int[] indices = {};

    /** Forgets all series. */
    void clear() {
        size = 0;
        cursor = 0;
        highest = -1;
    }

    /** What the labels of a summary's session are in the node's {@link Labels}. */
    void labels(int[] indices) {
        this.indices = indices;
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

    long count(int at) {
        return values[at];
    }

    double gauge(int at) {
        return Double.longBitsToDouble(values[at]);
    }

    Histogram histogram(int at) {
        return Objects.requireNonNull(histograms[at], "not a distribution");
    }

    /** Whether {@link #find} has come to it. */
    boolean seen(int at) {
        return seen[at];
    }

    /** From here on {@link #find} is asked in the order of other series. */
    void restart() {
        cursor = 0;
    }

    /** Where the series stands; below 0 if it is not there. */
    int find(Metric metric, int label) {
        int at = locate(metric, label);
        if (at >= 0) {
            seen[at] = true;
        }
        return at;
    }

    /** Appends counters and distributions, but none that is empty; gauges are with the totals alone. */
    void write(PackedSeries out) {
        for (int i = 0; i < size; i++) {
            writeOne(i, out);
        }
    }

    /** The same of the series at one place. */
    void writeOne(int at, PackedSeries out) {
        switch (metrics[at].type()) {
            case COUNTER -> {
                if (values[at] > 0) {
                    out.counter(metrics[at], labels[at], values[at]);
                }
            }
            case DISTRIBUTION -> out.distribution(metrics[at], labels[at], histogram(at));
            case GAUGE -> {}
        }
    }

    @Override
    public boolean wants(Metric metric) {
        return true;
    }

    @Override
    public void counter(Metric metric, int label, long value) {
        int at = place(metric, index(label));
        values[at] += value;
    }

    @Override
    public void gauge(Metric metric, int label, double value) {
        int at = place(metric, index(label));
        values[at] = Double.doubleToRawLongBits(value);
    }

    @Override
    public void distribution(Metric metric, int label, long[] flat) {
        histogram(place(metric, index(label))).add(flat, 0);
    }

    @Override
    public Histogram distribution(Metric metric, int label) {
        return histogram(place(metric, index(label)));
    }

    private int index(int label) {
        return indices.length == 0 ? label : indices[label];
    }

    /** Where the series stands; made, empty, if need be. */
    private int place(Metric metric, int label) {
        long key = (long) metric.wireNumber() << Integer.SIZE | label;
        if (key <= highest) {
            int at = locate(metric, label);
            if (at >= 0) {
                return at;
            }
        }
        highest = Math.max(highest, key);
        if (size == metrics.length) {
            metrics = Arrays.copyOf(metrics, 2 * size);
            labels = Arrays.copyOf(labels, 2 * size);
            values = Arrays.copyOf(values, 2 * size);
            histograms = Arrays.copyOf(histograms, 2 * size);
            seen = Arrays.copyOf(seen, 2 * size);
        }
        metrics[size] = metric;
        labels[size] = label;
        values[size] = 0;
        seen[size] = false;
        switch (metric.type()) {
            case DISTRIBUTION -> {
                Histogram used = histograms[size];
                if (used == null) {
                    histograms[size] = new Histogram();
                } else {
                    used.clear();
                }
            }
            case COUNTER, GAUGE -> {}
        }
        return size++;
    }

    private int locate(Metric metric, int label) {
        int at = cursor < size ? cursor : 0;
        for (int step = 0; step < size; step++) {
            if (metrics[at] == metric && labels[at] == label) {
                cursor = at + 1;
                return at;
            }
            at = at + 1 < size ? at + 1 : 0;
        }
        return ABSENT;
    }
}
