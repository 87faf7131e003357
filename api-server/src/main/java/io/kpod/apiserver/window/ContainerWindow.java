package io.kpod.apiserver.window;

import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.BiPredicate;

/**
 * One container over a window, or several merged.
 *
 * @param startedUnixMillis wall clock at which its measurement began
 * @param covered how much of the window its increments are known for; zero: totals only
 */
public record ContainerWindow(String name, long startedUnixMillis, Duration covered, Map<SeriesKey, Series> series) {
    /** Which series of a metric to take: those whose label fits. */
    public interface LabelFilter extends BiPredicate<Metric, String> {
        /** All series of the metric. */
        LabelFilter ALL = (metric, label) -> true;
    }

    public ContainerWindow {
        series = Map.copyOf(series);
    }

    /** Total of a counter, summed over the labels that fit; empty: not measured. */
    public OptionalLong total(Metric metric, LabelFilter labels) {
        OptionalLong total = OptionalLong.empty();
        for (Map.Entry<SeriesKey, Series> entry : series.entrySet()) {
            if (entry.getValue() instanceof Series.Counter(long value, long increment)
                    && fits(entry.getKey(), metric, labels)) {
                total = OptionalLong.of(total.orElse(0) + value);
            }
        }
        return total;
    }

    /** Events per second of a counter or a distribution; empty: not measured, or no increments known yet. */
    public OptionalDouble rate(Metric metric, LabelFilter labels) {
        if (covered.isZero()) {
            return OptionalDouble.empty();
        }
        boolean found = false;
        long events = 0;
        for (Map.Entry<SeriesKey, Series> entry : series.entrySet()) {
            if (fits(entry.getKey(), metric, labels)) {
                found = true;
                events += switch (entry.getValue()) {
                    case Series.Counter(long total, long increment) -> increment;
                    case Series.Distribution(Histogram increments) -> increments.count();
                    case Series.Gauge _ -> 0;
                };
            }
        }
        return found ? OptionalDouble.of(events / (covered.toNanos() / 1e9)) : OptionalDouble.empty();
    }

    /** Sum of a gauge's last values over the labels that fit; empty: not measured. */
    public OptionalDouble gauge(Metric metric, LabelFilter labels) {
        OptionalDouble sum = OptionalDouble.empty();
        for (Map.Entry<SeriesKey, Series> entry : series.entrySet()) {
            if (entry.getValue() instanceof Series.Gauge(double value) && fits(entry.getKey(), metric, labels)) {
                sum = OptionalDouble.of(sum.orElse(0) + value);
            }
        }
        return sum;
    }

    /** A distribution, merged over the labels that fit; empty: not measured, or no increments known yet. */
    public Optional<Histogram> histogram(Metric metric, LabelFilter labels) {
        Histogram merged = null;
        if (!covered.isZero()) {
            for (Map.Entry<SeriesKey, Series> entry : series.entrySet()) {
                if (entry.getValue() instanceof Series.Distribution(Histogram increments)
                        && fits(entry.getKey(), metric, labels)) {
                    if (merged == null) {
                        merged = new Histogram();
                    }
                    merged.add(increments);
                }
            }
        }
        return Optional.ofNullable(merged);
    }

    private static boolean fits(SeriesKey key, Metric metric, LabelFilter labels) {
        return key.metric() == metric && labels.test(metric, key.label());
    }
}
