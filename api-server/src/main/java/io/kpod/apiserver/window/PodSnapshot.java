package io.kpod.apiserver.window;

import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.SummaryLimits;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** References to all that a window of one pod is made of, taken under the node's lock and decoded without it. */
record PodSnapshot(List<Container> containers, List<Slot> slots) {
    /** One container of one session; totals are copied, because they go on. */
    record Container(
            AgentSession session,
            int ref,
            String name,
            long startedUnixMillis,
            long knownFromNanos,
            long endedNanos,
            Map<SeriesKey, Long> totals) {
        static Container of(TrackedContainer tracked) {
            Map<SeriesKey, Long> totals = new HashMap<>();
            for (int i = 0; i < tracked.totals.size(); i++) {
                totals.put(new SeriesKey(tracked.totals.metric(i), tracked.totals.label(i)), tracked.totals.value(i));
            }
            return new Container(
                    tracked.session,
                    tracked.ref,
                    tracked.identity.container(),
                    tracked.identity.startedUnixMillis(),
                    tracked.knownFromNanos,
                    tracked.endedNanos,
                    totals);
        }
    }

    /** Decodes the metrics that are wanted. */
    PodWindow decode(Duration age, Predicate<Metric> wanted, SummaryLimits limits) {
        Map<String, Merged> byName = new TreeMap<>();
        Merged whole = new Merged(wanted);
        for (Container container : containers) {
            Sums sums = sums(container, wanted, limits);
            byName.computeIfAbsent(container.name(), name -> new Merged(wanted)).add(container, sums);
            whole.addLifetime(container);
            whole.sums.add(sums);
        }
        byName.values().forEach(whole::addTotals);
        return new PodWindow(
                age,
                whole.finish("", slots),
                byName.entrySet().stream()
                        .map(entry -> entry.getValue().finish(entry.getKey(), slots))
                        .toList());
    }

    private Sums sums(Container container, Predicate<Metric> wanted, SummaryLimits limits) {
        Sums sums = new Sums(wanted);
        container.totals().keySet().stream()
                .filter(key -> wanted.test(key.metric()))
                .forEach(sums::known);
        long[] scratch = new long[Histogram.WIDTH];
        for (Slot slot : slots) {
            if (slot.session == container.session()) {
                sums.strings(slot.strings);
                slot.samples(container.ref(), limits, scratch, sums);
            }
        }
        return sums;
    }

    /** Incarnations of one container, or all containers of the pod, being added up. */
    private static final class Merged {
        private final Predicate<Metric> wanted;
        private final Sums sums;
        private final Map<SeriesKey, Long> totals = new HashMap<>();
        private final Map<SeriesKey, Double> gauges = new HashMap<>();
        private long startedUnixMillis = Long.MIN_VALUE;
        private long knownFromNanos;
        private long endedNanos;
        private boolean any;

        Merged(Predicate<Metric> wanted) {
            this.wanted = wanted;
            this.sums = new Sums(wanted);
        }

        /** Adds an incarnation; containers come in the order of their births, so the last one's totals stay. */
        void add(Container container, Sums increments) {
            sums.add(increments);
            addLifetime(container);
            startedUnixMillis = container.startedUnixMillis();
            totals.clear();
            gauges.clear();
            container.totals().forEach((key, value) -> {
                if (!wanted.test(key.metric())) {
                    return;
                }
                if (key.metric().type() == MetricType.GAUGE) {
                    gauges.put(key, Double.longBitsToDouble(value));
                } else {
                    totals.put(key, value);
                }
            });
        }

        void addLifetime(Container container) {
            if (!any || container.knownFromNanos() - knownFromNanos < 0) {
                knownFromNanos = container.knownFromNanos();
            }
            boolean lives = container.endedNanos() == TrackedContainer.STILL_THERE;
            if (!any
                    || lives
                    || (endedNanos != TrackedContainer.STILL_THERE && container.endedNanos() - endedNanos > 0)) {
                endedNanos = container.endedNanos();
            }
            any = true;
        }

        void addTotals(Merged container) {
            startedUnixMillis = startedUnixMillis == Long.MIN_VALUE
                    ? container.startedUnixMillis
                    : Math.min(startedUnixMillis, container.startedUnixMillis);
            container.totals.forEach((key, value) -> totals.merge(key, value, Long::sum));
            container.gauges.forEach((key, value) -> gauges.merge(key, value, Double::sum));
        }

        ContainerWindow finish(String name, List<Slot> slots) {
            long covered = 0;
            for (Slot slot : slots) {
                covered += slot.overlap(knownFromNanos, endedNanos);
            }
            return new ContainerWindow(name, startedUnixMillis, Duration.ofNanos(covered), sums.series(totals, gauges));
        }
    }
}
