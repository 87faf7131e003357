package io.kpod.agent.snapshot;

import io.kpod.agent.collector.Collector;
import io.kpod.summary.Metric;
import java.util.ArrayList;
import java.util.List;

/**
 * How a reading's longs begin, of every container: the collectors one after the other, each with its metrics in the order of the
 * catalogue and a metric's series in the order of its label values. Series whose labels are not known beforehand come
 * behind, each container's own.
 *
 * @param collectorOffsets where each collector's part begins, in the order of the collectors
 * @param width longs of a reading
 */
public record SeriesLayout(List<Series> series, List<Integer> collectorOffsets, int width) {
    /** The layout of these collectors' metrics. */
    public static SeriesLayout of(List<Collector> collectors) {
        List<Series> series = new ArrayList<>();
        List<Integer> offsets = new ArrayList<>();
        int offset = 0;
        for (Collector collector : collectors) {
            offsets.add(offset);
            int end = offset + collector.width();
            for (Metric metric : collector.metrics()) {
                if (metric.labels().isEmpty()) {
                    series.add(new Series(metric, "", offset));
                    offset += metric.type().width();
                }
                for (String value : collector.labelValues(metric)) {
                    series.add(new Series(metric, value, offset));
                    offset += metric.type().width();
                }
            }
            if (offset != end) {
                throw new IllegalStateException("collector " + collector.name() + " reads " + collector.width()
                        + " longs, but its metrics take " + (offset - end + collector.width()));
            }
        }
        return new SeriesLayout(List.copyOf(series), List.copyOf(offsets), offset);
    }
}
