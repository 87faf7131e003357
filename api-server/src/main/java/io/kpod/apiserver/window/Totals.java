package io.kpod.apiserver.window;

import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Totals of one container's series, in arrays as long as there are series: there is one of these for each container of
 * the cluster. Guarded by the node's lock.
 *
 * <p>The arrays of keys are replaced, never written to, when a series comes or goes, so that a reader may keep them.
 */
final class Totals {
    private final SeriesBudget budget;
    private Metric[] metrics = {};
    private String[] labels = {};
    /** A counter's total, the bits of a gauge's double, or a distribution's place in {@link #histograms}. */
    private long[] values = {};

    private SparseHistogram[] histograms = {};
    /** Where the next series is looked for first: agents name them in the same order each time. */
    private int cursor;

    /** @param budget what of the node's share of memory new series are taken from */
    Totals(SeriesBudget budget) {
        this.budget = budget;
    }

    void addCounter(Metric metric, String label, long increment) {
        int index = indexOf(metric, label);
        if (index >= 0) {
            values[index] += increment;
        }
    }

    /** NaN: the gauge is gone. */
    void setGauge(Metric metric, String label, double value) {
        if (Double.isNaN(value)) {
            int index = find(metric, label);
            if (index >= 0) {
                keep(i -> i != index);
            }
            return;
        }
        int index = indexOf(metric, label);
        if (index >= 0) {
            values[index] = Double.doubleToRawLongBits(value);
        }
    }

    void addDistribution(Metric metric, String label, long[] flat) {
        int index = indexOf(metric, label);
        if (index >= 0) {
            histograms[(int) values[index]].add(flat);
        }
    }

    /** Forgets all gauges: they are said anew, or their container is gone. */
    void dropGauges() {
        for (Metric metric : metrics) {
            if (metric.type() == MetricType.GAUGE) {
                keep(i -> metrics[i].type() != MetricType.GAUGE);
                return;
            }
        }
    }

    /** The series as they are now. */
    Copy copy() {
        return new Copy(metrics, labels, values.clone());
    }

    /** A counter's total; 0 if there is no such series. */
    long counter(Metric metric, String label) {
        int index = find(metric, label);
        return index < 0 ? 0 : values[index];
    }

    /** A distribution's total in flat form; all 0 if there is no such series. */
    void distribution(Metric metric, String label, long[] flat) {
        int index = find(metric, label);
        if (index < 0) {
            Arrays.fill(flat, 0);
        } else {
            histograms[(int) values[index]].toFlat(flat);
        }
    }

    /** Gives back to the budget what it has taken; the totals are not used any more. */
    void release() {
        for (Metric metric : metrics) {
            budget.release(metric.type());
        }
    }

    /**
     * Series at one moment, to be read without the lock.
     *
     * @param values a counter's total or the bits of a gauge's double; without meaning for a distribution
     */
    record Copy(Metric[] metrics, String[] labels, long[] values) {
        int size() {
            return metrics.length;
        }
    }

    private interface Choice {
        boolean stays(int index);
    }

    private void keep(Choice choice) {
        int[] staying = IntStream.range(0, metrics.length).filter(choice::stays).toArray();
        for (int i = 0; i < metrics.length; i++) {
            if (!choice.stays(i)) {
                budget.release(metrics[i].type());
            }
        }
        Metric[] fewerMetrics = new Metric[staying.length];
        String[] fewerLabels = new String[staying.length];
        long[] fewerValues = new long[staying.length];
        for (int i = 0; i < staying.length; i++) {
            fewerMetrics[i] = metrics[staying[i]];
            fewerLabels[i] = labels[staying[i]];
            fewerValues[i] = values[staying[i]];
        }
        metrics = fewerMetrics;
        labels = fewerLabels;
        values = fewerValues;
        cursor = 0;
    }

    private int find(Metric metric, String label) {
        int size = metrics.length;
        for (int step = 0, i = cursor < size ? cursor : 0; step < size; step++, i = i + 1 < size ? i + 1 : 0) {
            if (metrics[i] == metric && labels[i].equals(label)) {
                cursor = i + 1;
                return i;
            }
        }
        return -1;
    }

    /** Where the series stands, made if need be; -1 if the budget has no room for one more. */
    private int indexOf(Metric metric, String label) {
        int index = find(metric, label);
        if (index >= 0) {
            return index;
        }
        int size = metrics.length;
        if (!budget.take(metric.type(), size)) {
            return -1;
        }
        metrics = Arrays.copyOf(metrics, size + 1);
        labels = Arrays.copyOf(labels, size + 1);
        values = Arrays.copyOf(values, size + 1);
        metrics[size] = metric;
        labels[size] = label;
        if (metric.type() == MetricType.DISTRIBUTION) {
            values[size] = histograms.length;
            histograms = Arrays.copyOf(histograms, histograms.length + 1);
            histograms[histograms.length - 1] = new SparseHistogram();
        }
        return size;
    }
}
