package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.table.FieldPath;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.Series;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which metrics a field of an object is made of, so that no other need be decoded for it. Found out by measuring one
 * after the other and looking whether the field is there.
 */
final class FieldMetrics {
    private static final String TOTAL = "total.";
    /** What is said of a container of which one metric alone was measured. */
    private static final Map<Metric, ContainerKernelMetrics> ALONE = Catalogue.METRICS.stream()
            .collect(Collectors.toUnmodifiableMap(
                    metric -> metric, metric -> ContainerKernelMetrics.of(null, only(metric))));

    private FieldMetrics() {}

    /**
     * The metrics that the field needs; none if it is no part of {@code total}.
     *
     * @param path from the object, such as {@code total.cpu.runQueueLatency.p99}
     */
    static Set<Metric> of(String path) {
        if (!path.startsWith(TOTAL)) {
            return Set.of();
        }
        FieldPath inTotal = FieldPath.of(ContainerKernelMetrics.class, path.substring(TOTAL.length()));
        return ALONE.entrySet().stream()
                .filter(each -> inTotal.get(each.getValue()) != null)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** A window in which of all metrics only one was measured, by each of its labels' values. */
    private static ContainerWindow only(Metric metric) {
        Series series = switch (metric.type()) {
            case COUNTER -> new Series.Counter(1, 1);
            case GAUGE -> new Series.Gauge(1);
            case DISTRIBUTION -> {
                Histogram histogram = new Histogram();
                histogram.record(1);
                yield new Series.Distribution(histogram);
            }
        };
        TreeMap<String, Series> byLabel = new TreeMap<>();
        if (metric.labelValues().isEmpty()) {
            byLabel.put("", series);
        }
        metric.labelValues().forEach(label -> byLabel.put(label, series));
        Duration covered = Duration.ofSeconds(1);
        return new ContainerWindow("", 0, covered, covered, Map.of(metric.wireNumber(), byLabel));
    }
}
