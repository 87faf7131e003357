package io.kpod.apiserver.window;

import io.kpod.summary.Metric;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Totals of one container's series, in arrays: a container has a handful. Guarded by the node's lock. */
final class Totals {
    private Metric[] metrics = {};
    private String[] labels = {};
    /** A counter's total, or the bits of a gauge's double; unused for a distribution. */
    private long[] values = {};

    private @Nullable SparseHistogram[] histograms = {};

    void addCounter(Metric metric, String label, long increment) {
        int index = indexOf(metric, label);
        values[index] += increment;
    }

    void setGauge(Metric metric, String label, double value) {
        int index = indexOf(metric, label);
        values[index] = Double.doubleToRawLongBits(value);
    }

    void addDistribution(Metric metric, String label, long[] flat) {
        int index = indexOf(metric, label);
        SparseHistogram histogram = histograms[index];
        if (histogram == null) {
            histogram = new SparseHistogram();
            histograms[index] = histogram;
        }
        histogram.add(flat);
    }

    int size() {
        return metrics.length;
    }

    Metric metric(int index) {
        return metrics[index];
    }

    String label(int index) {
        return labels[index];
    }

    /** A counter's total, the bits of a gauge's double, or how many durations a distribution has. */
    long value(int index) {
        SparseHistogram histogram = histograms[index];
        return histogram == null ? values[index] : histogram.count();
    }

    /** A counter's total; 0 if there is no such series. */
    long counter(Metric metric, String label) {
        int index = find(metric, label);
        return index < 0 ? 0 : values[index];
    }

    /** A distribution's total in flat form; all 0 if there is no such series. */
    void distribution(Metric metric, String label, long[] flat) {
        int index = find(metric, label);
        SparseHistogram histogram = index < 0 ? null : histograms[index];
        if (histogram == null) {
            Arrays.fill(flat, 0);
        } else {
            histogram.toFlat(flat);
        }
    }

    private int find(Metric metric, String label) {
        for (int i = 0; i < metrics.length; i++) {
            if (metrics[i] == metric && labels[i].equals(label)) {
                return i;
            }
        }
        return -1;
    }

    private int indexOf(Metric metric, String label) {
        int index = find(metric, label);
        if (index >= 0) {
            return index;
        }
        int size = metrics.length;
        metrics = Arrays.copyOf(metrics, size + 1);
        labels = Arrays.copyOf(labels, size + 1);
        values = Arrays.copyOf(values, size + 1);
        histograms = Arrays.copyOf(histograms, size + 1);
        metrics[size] = metric;
        labels[size] = label;
        return size;
    }
}
