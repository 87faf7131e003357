package io.kpod.apiserver.window;

import io.kpod.apiserver.window.PodSnapshot.Container;
import io.kpod.summary.histogram.Histogram;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Series being added up: the incarnations of one container, of which each takes the former one's place, or all
 * containers side by side. Increments are summed in either case.
 */
final class MergedSeries {
    private final Map<Integer, SortedMap<String, Series>> series = new HashMap<>();
    private long startedUnixMillis = Long.MAX_VALUE;
    private long knownFromNanos;
    private long polledFromNanos;
    private long endedNanos;
    private boolean any;

    /** Adds the next incarnation of a container: its totals and gauges are those that count from now on. */
    void succeed(Container container, Sums increments, String[] labels) {
        for (SortedMap<String, Series> ofMetric : series.values()) {
            ofMetric.replaceAll((label, former) -> switch (former) {
                case Series.Counter(long total, long increment) -> new Series.Counter(0, increment);
                case Series.Distribution distribution -> distribution;
                case Series.Gauge gauge -> gauge;
            });
            ofMetric.values().removeIf(former -> former instanceof Series.Gauge);
        }
        for (int i = 0; i < increments.size(); i++) {
            add(increments.metric(i).wireNumber(), labels[increments.label(i)], increments.series(i));
        }
        startedUnixMillis = container.startedUnixMillis();
        live(container.knownFromNanos(), container.polledFromNanos(), container.endedNanos());
    }

    /** Adds another container that is there beside the others. */
    void merge(MergedSeries container) {
        container.series.forEach((metric, ofMetric) -> ofMetric.forEach((label, added) -> add(metric, label, added)));
        startedUnixMillis = Math.min(startedUnixMillis, container.startedUnixMillis);
        live(container.knownFromNanos, container.polledFromNanos, container.endedNanos);
    }

    ContainerWindow finish(String name, List<Span> spans, List<Span> polled) {
        long covered = Span.overlap(spans, knownFromNanos, endedNanos);
        long polledCovered = Span.overlap(polled, polledFromNanos, endedNanos);
        return new ContainerWindow(
                name, startedUnixMillis, Duration.ofNanos(covered), Duration.ofNanos(polledCovered), series);
    }

    private void add(int metric, String label, Series added) {
        series.computeIfAbsent(metric, number -> new TreeMap<>()).merge(label, added, MergedSeries::sum);
    }

    /** The sum of two of the same metric. */
    static Series sum(Series one, Series other) {
        return switch (one) {
            case Series.Counter(long total, long increment) ->
                other instanceof Series.Counter(long more, long moreIncrement)
                        ? new Series.Counter(total + more, increment + moreIncrement)
                        : one;
            case Series.Gauge(double value) ->
                other instanceof Series.Gauge(double more) ? new Series.Gauge(value + more) : one;
            case Series.Distribution(Histogram increments) ->
                other instanceof Series.Distribution(Histogram more)
                        ? new Series.Distribution(Histogram.sum(increments, more))
                        : one;
        };
    }

    /** Lengthens the time of which increments are known by another life. */
    private void live(long known, long polledKnown, long ended) {
        if (!any || known - knownFromNanos < 0) {
            knownFromNanos = known;
        }
        if (!any || polledKnown - polledFromNanos < 0) {
            polledFromNanos = polledKnown;
        }
        boolean lives = ended == TrackedContainer.STILL_THERE;
        if (!any || lives || (endedNanos != TrackedContainer.STILL_THERE && ended - endedNanos > 0)) {
            endedNanos = ended;
        }
        any = true;
    }
}
