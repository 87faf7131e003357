package io.kpod.apiserver.window;

import io.kpod.summary.Metric;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * All that a window of one pod, or of a whole node, is made of, copied under the node's lock and decoded without it.
 *
 * @param labels by their index
 * @param spans of the window's slots
 * @param polled the same for polled metrics
 * @param wanted the metrics whose totals were copied
 */
record PodSnapshot(
        List<Container> containers, String[] labels, List<Span> spans, List<Span> polled, Predicate<Metric> wanted) {
    /**
     * One container of one session.
     *
     * @param name what its incarnations have in common
     * @param totals packed
     * @param increments packed, slot after slot; no sense in those of polled metrics
     * @param polledIncrements the other way round
     */
    record Container(
            String name,
            long startedUnixMillis,
            long knownFromNanos,
            long polledFromNanos,
            long endedNanos,
            byte[] totals,
            byte[] increments,
            byte[] polledIncrements) {}

    /** Decodes the metrics that are wanted, of a pod. */
    PodWindow decode(Duration age) {
        Map<String, MergedSeries> byName = byContainer();
        List<ContainerWindow> named = new ArrayList<>(byName.size());
        byName.forEach((name, series) -> {
            if (!name.isEmpty()) {
                named.add(series.finish(name, spans, polled));
            }
        });
        return new PodWindow(age, total(byName.values()), named);
    }

    /** Decodes the metrics that are wanted, all merged. */
    ContainerWindow decode() {
        return total(byContainer().values());
    }

    private ContainerWindow total(Collection<MergedSeries> containers) {
        MergedSeries whole = new MergedSeries();
        containers.forEach(whole::merge);
        return whole.finish("", spans, polled);
    }

    private Map<String, MergedSeries> byContainer() {
        Map<String, MergedSeries> byName = new TreeMap<>();
        // containers come in the order of their births, so that the totals of a name are those of its last one
        for (Container container : containers) {
            Sums sums = new Sums(container.totals(), wanted);
            sums.add(container.increments(), metric -> wanted.test(metric) && !metric.polled());
            sums.add(container.polledIncrements(), metric -> wanted.test(metric) && metric.polled());
            byName.computeIfAbsent(container.name(), name -> new MergedSeries()).succeed(container, sums, labels);
        }
        return byName;
    }
}
