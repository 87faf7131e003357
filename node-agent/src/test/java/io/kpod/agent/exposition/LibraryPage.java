package io.kpod.agent.exposition;

import io.kpod.agent.container.ContainerName;
import io.kpod.agent.snapshot.ContainerReading;
import io.kpod.agent.snapshot.Series;
import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.histogram.Schema3;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The containers' series as the Prometheus library takes them: the independent truth for what the formats here write. */
final class LibraryPage {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int[] CLASSIC_POSITIONS = classicPositions();
    private static final double[] CLASSIC_UPPER_BOUNDS = classicUpperBounds();

    private LibraryPage() {}

    static MetricSnapshots of(List<ContainerReading> containers, String nodeName) {
        Map<Metric, List<DataPointSnapshot>> points = new LinkedHashMap<>();
        for (ContainerReading container : containers) {
            ContainerName name = Objects.requireNonNull(container.name());
            Labels labels = Labels.of(
                    "namespace", name.namespace(),
                    "pod", name.pod(),
                    "container", name.container(),
                    "node", nodeName);
            for (Series series : container.series()) {
                if (series.metric().type() != MetricType.GAUGE
                        || !Double.isNaN(Double.longBitsToDouble(container.values()[series.offset()]))) {
                    points.computeIfAbsent(series.metric(), metric -> new ArrayList<>())
                            .add(point(series, labels, container));
                }
            }
        }
        List<MetricSnapshot> snapshots = new ArrayList<>();
        points.forEach((metric, ofMetric) -> snapshots.add(snapshot(metric, ofMetric)));
        return new MetricSnapshots(snapshots);
    }

    private static DataPointSnapshot point(Series series, Labels labels, ContainerReading container) {
        Metric metric = series.metric();
        Labels all = labels;
        if (!metric.labels().isEmpty()) {
            all = labels.merge(
                    metric.labels().toArray(String[]::new), series.labels().split(Metric.LABEL_SEPARATOR, -1));
        }
        long[] values = container.values();
        int at = series.offset();
        return switch (metric.type()) {
            case COUNTER ->
                new CounterDataPointSnapshot(
                        switch (metric.unit()) {
                            case SECONDS -> values[at] / NANOS_PER_SECOND;
                            case NONE, BYTES -> values[at];
                        },
                        all,
                        null,
                        container.startedUnixMillis());
            case GAUGE -> new GaugeDataPointSnapshot(Double.longBitsToDouble(values[at]), all, null);
            case DISTRIBUTION ->
                new HistogramDataPointSnapshot(
                        classicBuckets(values, at),
                        Schema3.SCHEMA,
                        values[at + Histogram.ZERO_COUNT],
                        Schema3.ZERO_THRESHOLD_SECONDS,
                        nativeBuckets(values, at),
                        NativeHistogramBuckets.EMPTY,
                        values[at + Histogram.SUM_NANOS] / NANOS_PER_SECOND,
                        all,
                        Exemplars.EMPTY,
                        container.startedUnixMillis());
        };
    }

    private static MetricSnapshot snapshot(Metric metric, List<DataPointSnapshot> points) {
        MetricMetadata metadata = new MetricMetadata(metric.prometheusBaseName(), metric.help());
        return switch (metric.type()) {
            case COUNTER -> new CounterSnapshot(metadata, cast(points, CounterDataPointSnapshot.class));
            case GAUGE -> new GaugeSnapshot(metadata, cast(points, GaugeDataPointSnapshot.class));
            case DISTRIBUTION -> new HistogramSnapshot(metadata, cast(points, HistogramDataPointSnapshot.class));
        };
    }

    private static <T> List<T> cast(List<DataPointSnapshot> points, Class<T> type) {
        return points.stream().map(type::cast).toList();
    }

    private static NativeHistogramBuckets nativeBuckets(long[] values, int offset) {
        NativeHistogramBuckets.Builder buckets = NativeHistogramBuckets.builder();
        for (int position = 0; position < Schema3.BUCKETS; position++) {
            long count = values[offset + Histogram.FIRST_BUCKET + position];
            if (count != 0) {
                buckets.bucket(Schema3.index(position), count);
            }
        }
        return buckets.build();
    }

    private static ClassicHistogramBuckets classicBuckets(long[] values, int offset) {
        long[] counts = new long[CLASSIC_POSITIONS.length];
        int position = Schema3.ZERO;
        for (int bucket = 0; bucket < CLASSIC_POSITIONS.length; bucket++) {
            for (; position <= CLASSIC_POSITIONS[bucket]; position++) {
                counts[bucket] += values[offset + Histogram.FIRST_BUCKET + position];
            }
        }
        return ClassicHistogramBuckets.of(CLASSIC_UPPER_BOUNDS, counts);
    }

    /** The last position of each classic bucket: those whose upper bound is a power of four; the last has no bound. */
    private static int[] classicPositions() {
        List<Integer> positions = new ArrayList<>();
        for (int position = Schema3.ZERO; position < Schema3.BUCKETS; position += 2 * Schema3.BUCKETS_PER_OCTAVE) {
            positions.add(position);
        }
        return positions.stream().mapToInt(Integer::intValue).toArray();
    }

    private static double[] classicUpperBounds() {
        double[] bounds = new double[CLASSIC_POSITIONS.length];
        for (int bucket = 0; bucket < bounds.length; bucket++) {
            int position = CLASSIC_POSITIONS[bucket];
            bounds[bucket] = position == Schema3.ZERO
                    ? Schema3.ZERO_THRESHOLD_SECONDS
                    : bucket == bounds.length - 1 ? Double.POSITIVE_INFINITY : Schema3.upperBoundSeconds(position);
        }
        return bounds;
    }
}
