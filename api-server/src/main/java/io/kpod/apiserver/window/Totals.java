package io.kpod.apiserver.window;

import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.histogram.Histogram;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Totals of one container's series, as {@link PackedSeries}: there is one of these for each container of the cluster.
 * Guarded by the node's lock.
 */
final class Totals {
    /** Of the size; so that growing numbers find room where they are. */
    private static final int SLACK = 16;

    private static final byte[] NOTHING = {};

    private final SeriesBudget budget;
    private byte[] bytes = NOTHING;
    private int size;
    private int series;

    /** @param budget what of the node's share of memory new series are taken from */
    Totals(SeriesBudget budget) {
        this.budget = budget;
    }

    /** Adds increments, which are used up, and takes gauges over; a gauge that is NaN is gone. */
    void add(Increments added, Workspace work) {
        PackedSeries out = work.totals;
        PackedSeries.Entry entry = work.entry;
        out.clear();
        added.restart();
        int copied = 0;
        for (int at = 0; at < size; at = entry.end) {
            PackedSeries.entry(bytes, at, entry);
            int index = added.find(entry.metric, entry.label);
            if (index < 0) {
                continue;
            }
            out.copy(bytes, copied, at);
            copied = entry.end;
            switch (entry.metric.type()) {
                case COUNTER ->
                    out.counter(
                            entry.metric, entry.label, PackedSeries.counterAt(bytes, entry.value) + added.count(index));
                case GAUGE -> gauge(entry.metric, entry.label, added.gauge(index), out);
                case DISTRIBUTION -> {
                    PackedSeries.addTo(added.histogram(index), bytes, entry);
                    out.distribution(entry.metric, entry.label, added.histogram(index));
                }
            }
        }
        out.copy(bytes, copied, size);
        appendNew(added, out);
        keep(out);
    }

    /**
     * Takes new totals and writes what they have grown by. A total that went down, which no agent sends, is stored and
     * gives no increment: rates are never negative. Gauges are all said anew: what the new totals don't mention is gone.
     */
    void replace(Increments totals, PackedSeries increments, Workspace work) {
        PackedSeries out = work.totals;
        PackedSeries.Entry entry = work.entry;
        out.clear();
        totals.restart();
        for (int at = 0; at < size; at = entry.end) {
            PackedSeries.entry(bytes, at, entry);
            Metric metric = entry.metric;
            int index = totals.find(metric, entry.label);
            switch (metric.type()) {
                case GAUGE -> gauge(metric, entry.label, index < 0 ? Double.NaN : totals.gauge(index), out);
                case COUNTER -> {
                    if (index < 0 && metric == Catalogue.CPU_PREEMPTORS) {
                        release(MetricType.COUNTER); // outdone by others: the agent has forgotten it too
                    } else if (index < 0) {
                        out.copy(bytes, at, entry.end);
                    } else {
                        long increment = totals.count(index) - PackedSeries.counterAt(bytes, entry.value);
                        out.counter(metric, entry.label, totals.count(index));
                        if (increment > 0) {
                            increments.counter(metric, entry.label, increment);
                        }
                    }
                }
                case DISTRIBUTION -> {
                    if (index < 0) {
                        out.copy(bytes, at, entry.end);
                    } else {
                        Histogram now = totals.histogram(index);
                        out.distribution(metric, entry.label, now);
                        work.before.clear();
                        PackedSeries.addTo(work.before, bytes, entry);
                        if (now.subtract(work.before)) {
                            increments.distribution(metric, entry.label, now);
                        }
                    }
                }
            }
        }
        for (int i = 0; i < totals.size(); i++) {
            if (!totals.seen(i)) {
                totals.writeOne(i, increments);
            }
        }
        appendNew(totals, out);
        keep(out);
    }

    /** Forgets all gauges: their container is gone. */
    void dropGauges(Workspace work) {
        PackedSeries out = work.totals;
        PackedSeries.Entry entry = work.entry;
        out.clear();
        for (int at = 0; at < size; at = entry.end) {
            PackedSeries.entry(bytes, at, entry);
            if (entry.metric.type() == MetricType.GAUGE) {
                release(MetricType.GAUGE);
            } else {
                out.copy(bytes, at, entry.end);
            }
        }
        keep(out);
    }

    /** Marks the labels that its series have. */
    void markLabels(boolean[] inUse, Workspace work) {
        PackedSeries.markLabels(bytes, 0, size, work.entry, inUse);
    }

    /** Takes over other indices of labels. */
    void relabel(int[] labels, Workspace work) {
        work.totals.clear();
        work.totals.relabelled(bytes, 0, size, labels);
        keep(work.totals);
    }

    /** The series of some metrics as they are now. */
    byte[] copy(Predicate<Metric> wanted, Workspace work) {
        PackedSeries out = work.totals;
        PackedSeries.Entry entry = work.entry;
        out.clear();
        for (int at = 0; at < size; at = entry.end) {
            PackedSeries.entry(bytes, at, entry);
            if (wanted.test(entry.metric)) {
                out.copy(bytes, at, entry.end);
            }
        }
        return Arrays.copyOf(out.bytes(), out.size());
    }

    /** Gives back to the budget what it has taken; the totals are not used any more. */
    void release(Workspace work) {
        for (int at = 0; at < size; at = work.entry.end) {
            PackedSeries.entry(bytes, at, work.entry);
            budget.release(work.entry.metric.type());
        }
        series = 0;
        size = 0;
        bytes = NOTHING;
    }

    private void appendNew(Increments from, PackedSeries out) {
        for (int i = 0; i < from.size(); i++) {
            Metric metric = from.metric(i);
            if (from.seen(i)
                    || (metric.type() == MetricType.GAUGE && Double.isNaN(from.gauge(i)))
                    || !budget.take(metric.type(), series)) {
                continue;
            }
            series++;
            switch (metric.type()) {
                case COUNTER -> out.counter(metric, from.label(i), from.count(i));
                case GAUGE -> out.gauge(metric, from.label(i), from.gauge(i));
                case DISTRIBUTION -> out.distribution(metric, from.label(i), from.histogram(i));
            }
        }
    }

    private void gauge(Metric metric, int label, double value, PackedSeries out) {
        if (Double.isNaN(value)) {
            release(MetricType.GAUGE);
        } else {
            out.gauge(metric, label, value);
        }
    }

    private void release(MetricType type) {
        budget.release(type);
        series--;
    }

    private void keep(PackedSeries out) {
        size = out.size();
        if (size > bytes.length || size < bytes.length / 2) {
            bytes = new byte[size + size / SLACK];
        }
        System.arraycopy(out.bytes(), 0, bytes, 0, size);
    }
}
