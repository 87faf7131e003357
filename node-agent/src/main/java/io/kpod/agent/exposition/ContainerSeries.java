package io.kpod.agent.exposition;

import io.kpod.agent.container.ContainerName;
import io.kpod.agent.snapshot.ContainerReading;
import io.kpod.agent.snapshot.Series;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;

/**
 * Writes the series of all containers in one format. The labels of a container are encoded once and kept as long as it
 * is there. Used by one thread at a time.
 */
final class ContainerSeries {
    private final SeriesFormat format;
    private final String nodeName;
    private final Map<ContainerReading, byte[]> labels = new WeakHashMap<>();

    ContainerSeries(SeriesFormat format, String nodeName) {
        this.format = format;
        this.nodeName = nodeName;
    }

    /** Appends them to the page. */
    void write(List<ContainerReading> containers, Page page) {
        for (ContainerReading container : containers) {
            byte[] common = labels.computeIfAbsent(container, this::labels);
            List<Series> series = container.series();
            for (int i = 0; i < series.size(); i++) {
                if (!container.ended() || !isZero(series.get(i), container.values())) {
                    write(series.get(i), container, common, page);
                }
            }
        }
        for (Metric metric : Catalogue.METRICS) {
            int seriesBytes = page.series(metric).length();
            if (seriesBytes > 0) {
                format.head(page.head(metric), metric, seriesBytes);
            }
        }
    }

    private void write(Series series, ContainerReading container, byte[] common, Page page) {
        Metric metric = series.metric();
        PageBuffer out = page.series(metric);
        long[] values = container.values();
        int at = series.offset();
        switch (metric.type()) {
            case COUNTER ->
                format.counter(out, metric, common, series.labels(), values[at], container.startedUnixMillis());
            case GAUGE -> {
                double value = Double.longBitsToDouble(values[at]);
                if (!Double.isNaN(value)) {
                    format.gauge(out, metric, common, series.labels(), value);
                }
            }
            case DISTRIBUTION ->
                format.distribution(out, metric, common, series.labels(), values, at, container.startedUnixMillis());
        }
    }

    /** What a container never did is not worth the room once it has ended: there may be many of them. */
    private static boolean isZero(Series series, long[] values) {
        int end = series.offset() + series.metric().type().width();
        for (int i = series.offset(); i < end; i++) {
            if (values[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private byte[] labels(ContainerReading container) {
        ContainerName name = Objects.requireNonNull(container.name(), "what is shown has a name");
        return format.labels(name, nodeName);
    }
}
