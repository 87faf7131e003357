package io.kpod.apiserver.window;

import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.SummaryLimits;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * References to all that a window of one pod, or of a whole node, is made of, taken under the node's lock and decoded
 * without it.
 *
 * @param slots of the window
 * @param polled the same for polled metrics
 */
record PodSnapshot(List<Container> containers, List<Slot> slots, List<Slot> polled) {
    /**
     * One container of one session; totals are copied, because they go on.
     *
     * @param name what its incarnations have in common
     */
    record Container(
            AgentSession session,
            int ref,
            String name,
            long startedUnixMillis,
            long knownFromNanos,
            long polledFromNanos,
            long endedNanos,
            Totals.Copy totals) {
        static Container of(TrackedContainer tracked, String name) {
            return new Container(
                    tracked.session,
                    tracked.ref,
                    name,
                    tracked.identity.startedUnixMillis(),
                    tracked.knownFromNanos,
                    tracked.polledFromNanos,
                    tracked.endedNanos,
                    tracked.totals.copy());
        }
    }

    /** Decodes the metrics that are wanted, of a pod. */
    PodWindow decode(Duration age, Predicate<Metric> wanted, SummaryLimits limits) {
        Map<String, MergedSeries> byName = byContainer(wanted, limits);
        return new PodWindow(
                age,
                total(byName.values()),
                byName.entrySet().stream()
                        .filter(entry -> !entry.getKey().isEmpty())
                        .map(entry -> entry.getValue().finish(entry.getKey(), slots, polled))
                        .toList());
    }

    /** Decodes the metrics that are wanted, all merged. */
    ContainerWindow decode(Predicate<Metric> wanted, SummaryLimits limits) {
        return total(byContainer(wanted, limits).values());
    }

    private ContainerWindow total(Collection<MergedSeries> containers) {
        MergedSeries whole = new MergedSeries();
        containers.forEach(whole::merge);
        return whole.finish("", slots, polled);
    }

    private Map<String, MergedSeries> byContainer(Predicate<Metric> wanted, SummaryLimits limits) {
        Predicate<Metric> direct = metric -> !metric.polled() && wanted.test(metric);
        Predicate<Metric> slow = metric -> metric.polled() && wanted.test(metric);
        boolean anyDirect = Catalogue.METRICS.stream().anyMatch(direct);
        boolean anySlow = Catalogue.METRICS.stream().anyMatch(slow);
        Map<String, MergedSeries> byName = new TreeMap<>();
        long[] scratch = new long[Histogram.WIDTH];
        // containers come in the order of their births, so that the totals of a name are those of its last one
        for (Container container : containers) {
            Sums sums = Sums.of(container.totals());
            if (anyDirect) {
                add(container, slots, direct, sums, limits, scratch);
            }
            if (anySlow) {
                add(container, polled, slow, sums, limits, scratch);
            }
            byName.computeIfAbsent(container.name(), name -> new MergedSeries()).succeed(container, sums, wanted);
        }
        return byName;
    }

    private static void add(
            Container container,
            List<Slot> slots,
            Predicate<Metric> wanted,
            Sums sums,
            SummaryLimits limits,
            long[] scratch) {
        sums.only(wanted);
        for (Slot slot : slots) {
            if (slot.session == container.session()) {
                sums.labels(slot.labels);
                slot.samples(container.ref(), limits, scratch, sums);
            }
        }
    }
}
