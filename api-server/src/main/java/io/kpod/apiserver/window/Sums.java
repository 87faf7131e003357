package io.kpod.apiserver.window;

import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.SampleVisitor;
import io.kpod.summary.wire.SummaryWriter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Adds increments of one container up, slot by slot. For one thread. */
final class Sums implements SampleVisitor {
    private final Predicate<Metric> wanted;
    private final Map<SeriesKey, long[]> counters = new LinkedHashMap<>();
    private final Map<SeriesKey, Double> gauges = new LinkedHashMap<>();
    private final Map<SeriesKey, Histogram> distributions = new LinkedHashMap<>();
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
            counters.computeIfAbsent(key(metric, label), key -> new long[1])[0] += value;
        }
    }

    @Override
    public void gauge(Metric metric, int label, double value) {
        if (wanted.test(metric)) {
            gauges.put(key(metric, label), value);
        }
    }

    @Override
    public void distribution(Metric metric, int label, long[] flat) {
        if (wanted.test(metric)) {
            distributions.computeIfAbsent(key(metric, label), key -> new Histogram()).add(flat, 0);
        }
    }

    /** Adds a series that the container has, so that it is there without increments too. */
    void known(SeriesKey key) {
        if (key.metric().type() == MetricType.COUNTER) {
            counters.computeIfAbsent(key, k -> new long[1]);
        } else if (key.metric().type() == MetricType.DISTRIBUTION) {
            distributions.computeIfAbsent(key, k -> new Histogram());
        }
    }

    /** Adds all that another has. */
    void add(Sums other) {
        other.counters.forEach((key, value) -> counters.computeIfAbsent(key, k -> new long[1])[0] += value[0]);
        other.distributions.forEach(
                (key, histogram) -> distributions.computeIfAbsent(key, k -> new Histogram()).add(histogram));
    }

    /**
     * The finished series.
     *
     * @param totals of counters; a counter without one is left with 0
     * @param gaugeValues last values of gauges
     */
    Map<SeriesKey, Series> series(Map<SeriesKey, Long> totals, Map<SeriesKey, Double> gaugeValues) {
        Map<SeriesKey, Series> series = new HashMap<>();
        counters.forEach((key, value) -> series.put(key, new Series.Counter(totals.getOrDefault(key, 0L), value[0])));
        distributions.forEach((key, histogram) -> series.put(key, new Series.Distribution(histogram)));
        gaugeValues.forEach((key, value) -> series.put(key, new Series.Gauge(value)));
        return series;
    }

    /** Writes what was added up into a container that {@code writer} has begun; labels by their place in {@code table}. */
    void write(SummaryWriter writer, List<String> table) {
        counters.forEach((key, value) -> writer.counter(key.metric(), table.indexOf(key.label()), value[0]));
        gauges.forEach((key, value) -> writer.gauge(key.metric(), table.indexOf(key.label()), value));
        distributions.forEach((key, histogram) ->
                writer.distribution(key.metric(), table.indexOf(key.label()), histogram.toFlat(), 0, null, 0));
    }

    private SeriesKey key(Metric metric, int label) {
        return new SeriesKey(metric, strings[label]);
    }
}
