package io.kpod.apiserver.window;

import static java.util.Collections.emptySortedMap;

import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.Unit;
import io.kpod.summary.histogram.Histogram;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/**
 * One container over a window, or several merged.
 *
 * @param name empty: the series of the pod itself, or several merged
 * @param startedUnixMillis wall clock at which its measurement began
 * @param covered how much of the window its increments are known for; zero: totals only
 * @param polledCovered the same of polled metrics, whose window consists of whole poll intervals
 * @param series by the metrics' wire numbers, then by label
 */
public record ContainerWindow(
        String name,
        long startedUnixMillis,
        Duration covered,
        Duration polledCovered,
        Map<Integer, SortedMap<String, Series>> series) {
    /** One of which nothing is known any more. */
    public static ContainerWindow nothing(long startedUnixMillis) {
        return new ContainerWindow("", startedUnixMillis, Duration.ZERO, Duration.ZERO, Map.of());
    }

    /**
     * Several that lived side by side, such as pods of different nodes; the time covered is that of the one that is known
     * for longest.
     */
    public static ContainerWindow together(Collection<ContainerWindow> windows) {
        Map<Integer, SortedMap<String, Series>> sums = new HashMap<>();
        long started = Long.MAX_VALUE;
        Duration covered = Duration.ZERO;
        Duration polledCovered = Duration.ZERO;
        for (ContainerWindow window : windows) {
            window.series.forEach((metric, byLabel) -> {
                SortedMap<String, Series> sum = sums.computeIfAbsent(metric, number -> new TreeMap<>());
                byLabel.forEach((label, one) -> sum.merge(label, one, MergedSeries::sum));
            });
            started = Math.min(started, window.startedUnixMillis);
            covered = longer(covered, window.covered);
            polledCovered = longer(polledCovered, window.polledCovered);
        }
        return new ContainerWindow("", started, covered, polledCovered, sums);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** Which series of a metric to take: those whose label fits. */
    public interface LabelFilter extends BiPredicate<Metric, String> {
        /** All series of the metric. */
        LabelFilter ALL = (metric, label) -> true;

        /** The one series that has that label. */
        static LabelFilter only(String label) {
            return (metric, value) -> value.equals(label);
        }
    }

    /** The labels of the metric's series: what they have between them is a {@link Metric#LABEL_SEPARATOR}. */
    public SortedSet<String> labels(Metric metric) {
        return new TreeSet<>(of(metric).keySet());
    }

    /** How much of the window the metric's increments are known for. */
    public Duration covered(Metric metric) {
        return metric.polled() ? polledCovered : covered;
    }

    /** Total of a counter, summed over the labels that fit; nanoseconds of one in seconds; empty: not measured. */
    public OptionalLong total(Metric metric, LabelFilter labels) {
        OptionalLong total = OptionalLong.empty();
        for (Map.Entry<String, Series> entry : of(metric).entrySet()) {
            if (entry.getValue() instanceof Series.Counter(long value, long increment)
                    && labels.test(metric, entry.getKey())) {
                total = OptionalLong.of(total.orElse(0) + value);
            }
        }
        return total;
    }

    /**
     * What of a counter or of a distribution's events fell into the window; nanoseconds of a counter in seconds; empty:
     * not measured, or no increments known yet.
     */
    public OptionalLong increase(Metric metric, LabelFilter labels) {
        OptionalLong events = OptionalLong.empty();
        if (!covered(metric).isZero()) {
            for (Map.Entry<String, Series> entry : of(metric).entrySet()) {
                if (labels.test(metric, entry.getKey())) {
                    events = OptionalLong.of(events.orElse(0)
                            + switch (entry.getValue()) {
                                case Series.Counter(long total, long increment) -> increment;
                                case Series.Distribution(Histogram increments) -> increments.count();
                                case Series.Gauge _ -> 0;
                            });
                }
            }
        }
        return events;
    }

    /**
     * Base units of a counter, or events of a distribution, per second; empty: not measured, or no increments known
     * yet.
     */
    public OptionalDouble rate(Metric metric, LabelFilter labels) {
        OptionalLong increase = increase(metric, labels);
        if (increase.isEmpty()) {
            return OptionalDouble.empty();
        }
        boolean nanos = metric.unit() == Unit.SECONDS && metric.type() == MetricType.COUNTER;
        double units = nanos ? increase.getAsLong() / 1e9 : increase.getAsLong();
        return OptionalDouble.of(units / (covered(metric).toNanos() / 1e9));
    }

    /** Sum of a gauge's last values over the labels that fit; empty: not measured. */
    public OptionalDouble gauge(Metric metric, LabelFilter labels) {
        OptionalDouble sum = OptionalDouble.empty();
        for (Map.Entry<String, Series> entry : of(metric).entrySet()) {
            if (entry.getValue() instanceof Series.Gauge(double value) && labels.test(metric, entry.getKey())) {
                sum = OptionalDouble.of(sum.orElse(0) + value);
            }
        }
        return sum;
    }

    /** A distribution, merged over the labels that fit, to be read only; empty: not measured, or no increments known yet. */
    public Optional<Histogram> histogram(Metric metric, LabelFilter labels) {
        Histogram merged = null;
        if (!covered(metric).isZero()) {
            for (Map.Entry<String, Series> entry : of(metric).entrySet()) {
                if (entry.getValue() instanceof Series.Distribution(Histogram increments)
                        && labels.test(metric, entry.getKey())) {
                    merged = merged == null ? increments : Histogram.sum(merged, increments);
                }
            }
        }
        return Optional.ofNullable(merged);
    }

    private SortedMap<String, Series> of(Metric metric) {
        return series.getOrDefault(metric.wireNumber(), emptySortedMap());
    }
}
