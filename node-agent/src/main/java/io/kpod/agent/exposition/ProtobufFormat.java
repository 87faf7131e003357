package io.kpod.agent.exposition;

import io.kpod.agent.container.ContainerName;
import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.Unit;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.histogram.Schema3;
import java.util.List;

/**
 * Prometheus' protobuf format, delimited messages {@code io.prometheus.client.MetricFamily} (prometheus/client_model,
 * io/prometheus/client/metrics.proto). A distribution is a native histogram, with the {@link ClassicBuckets} beside it for a
 * scraper that takes no native ones.
 */
final class ProtobufFormat implements SeriesFormat {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;

    private static final double NANOS_PER_SECOND = 1e9;
    private static final int NANOS_PER_MILLI = 1_000_000;

    /** A gap up to this many empty buckets takes less than another span. */
    private static final int MOST_EMPTY_WITHIN_SPAN = 2;

    /** The second field of a classic bucket. */
    private static final byte[][] UPPER_BOUNDS = upperBounds();

    private final PageBuffer value = new PageBuffer();
    private final PageBuffer part = new PageBuffer();
    private final PageBuffer ownLabels = new PageBuffer();
    private final PageBuffer names = new PageBuffer();
    /** When the container started whose series are being written. */
    private final PageBuffer started = new PageBuffer();

    private long startedUnixMillis = -1;
    private final PageBuffer utf8 = new PageBuffer();
    private final long[] counts = new long[ClassicBuckets.COUNT];

    @Override
    public byte[] labels(ContainerName name, String node) {
        PageBuffer out = new PageBuffer();
        label(out, "namespace", name.namespace());
        label(out, "pod", name.pod());
        label(out, "container", name.container());
        label(out, "node", node);
        return out.toBytes();
    }

    @Override
    public void counter(
            PageBuffer out, Metric metric, byte[] common, String own, long counted, long startedUnixMillis) {
        value.clear();
        tag(value, 1, FIXED64);
        value.fixed(metric.unit() == Unit.SECONDS ? counted / NANOS_PER_SECOND : counted);
        started(3, startedUnixMillis);
        metric(out, metric, common, own, 3);
    }

    @Override
    public void gauge(PageBuffer out, Metric metric, byte[] common, String own, double measured) {
        value.clear();
        tag(value, 1, FIXED64);
        value.fixed(measured);
        metric(out, metric, common, own, 2);
    }

    @Override
    public void distribution(
            PageBuffer out,
            Metric metric,
            byte[] common,
            String own,
            long[] values,
            int offset,
            long startedUnixMillis) {
        value.clear();
        ClassicBuckets.cumulate(values, offset, counts);
        tag(value, 1, VARINT);
        value.varint(counts[ClassicBuckets.COUNT - 1]);
        tag(value, 2, FIXED64);
        value.fixed(values[offset + Histogram.SUM_NANOS] / NANOS_PER_SECOND);
        for (int bucket = 0; bucket < ClassicBuckets.COUNT; bucket++) {
            byte[] upperBound = UPPER_BOUNDS[bucket];
            tag(value, 3, BYTES);
            value.varint(1 + PageBuffer.varintBytes(counts[bucket]) + upperBound.length);
            tag(value, 1, VARINT);
            value.varint(counts[bucket]);
            value.write(upperBound);
        }
        tag(value, 5, VARINT);
        value.zigzag(Schema3.SCHEMA);
        tag(value, 6, FIXED64);
        value.fixed(Schema3.ZERO_THRESHOLD_SECONDS);
        tag(value, 7, VARINT);
        value.varint(values[offset + Histogram.ZERO_COUNT]);
        nativeBuckets(values, offset + Histogram.FIRST_BUCKET);
        started(15, startedUnixMillis);
        metric(out, metric, common, own, 7);
    }

    @Override
    public void head(PageBuffer out, Metric metric, int seriesBytes) {
        names.clear();
        string(names, 1, metric.type() == MetricType.COUNTER ? metric.prometheusName() : metric.prometheusBaseName());
        string(names, 2, metric.help());
        tag(names, 3, VARINT);
        names.varint(
                switch (metric.type()) {
                    case COUNTER -> 0;
                    case GAUGE -> 1;
                    case DISTRIBUTION -> 4;
                });
        out.varint(names.length() + (long) seriesBytes);
        out.write(names);
    }

    /** Spans of buckets, and each bucket's count less that of the one before. */
    private void nativeBuckets(long[] values, int first) {
        part.clear();
        long before = 0;
        int end = 0;
        int position = next(values, first, 0);
        while (position < Schema3.BUCKETS) {
            int begin = position;
            int behind = position;
            while (position < Schema3.BUCKETS && position - behind <= MOST_EMPTY_WITHIN_SPAN) {
                for (; behind <= position; behind++) {
                    part.zigzag(values[first + behind] - before);
                    before = values[first + behind];
                }
                position = next(values, first, behind);
            }
            span(end == 0 ? Schema3.index(begin) : begin - end, behind - begin);
            end = behind;
        }
        if (part.length() > 0) {
            message(value, 13, part);
        }
    }

    private static int next(long[] values, int first, int from) {
        int position = from;
        while (position < Schema3.BUCKETS && values[first + position] == 0) {
            position++;
        }
        return position;
    }

    private void span(int offset, int length) {
        names.clear();
        tag(names, 1, VARINT);
        names.zigzag(offset);
        tag(names, 2, VARINT);
        names.varint(length);
        message(value, 12, names);
    }

    private void started(int field, long unixMillis) {
        if (unixMillis != startedUnixMillis) {
            startedUnixMillis = unixMillis;
            started.clear();
            tag(started, 1, VARINT);
            started.varint(unixMillis / 1000);
            tag(started, 2, VARINT);
            started.varint(unixMillis % 1000 * NANOS_PER_MILLI);
        }
        message(value, field, started);
    }

    /** A series of the family: its labels, and {@link #value} as the field of its type. */
    private void metric(PageBuffer out, Metric metric, byte[] common, String own, int field) {
        ownLabels.clear();
        List<String> labels = metric.labels();
        int begin = 0;
        for (int i = 0; i < labels.size(); i++) {
            int end = i == labels.size() - 1 ? own.length() : own.indexOf(Metric.LABEL_SEPARATOR, begin);
            label(ownLabels, labels.get(i), own.substring(begin, end));
            begin = end + 1;
        }
        part.clear();
        tag(part, field, BYTES);
        part.varint(value.length());
        tag(out, 4, BYTES);
        out.varint(common.length + ownLabels.length() + part.length() + (long) value.length());
        out.write(common);
        out.write(ownLabels);
        out.write(part);
        out.write(value);
    }

    private void label(PageBuffer out, String name, String of) {
        names.clear();
        string(names, 1, name);
        string(names, 2, of);
        message(out, 1, names);
    }

    private void string(PageBuffer out, int field, String text) {
        utf8.clear();
        utf8.text(text);
        message(out, field, utf8);
    }

    private static void message(PageBuffer out, int field, PageBuffer of) {
        tag(out, field, BYTES);
        out.varint(of.length());
        out.write(of);
    }

    private static void tag(PageBuffer out, int field, int wireType) {
        // of one byte: no field's number here is above 15
        out.write(field << 3 | wireType);
    }

    private static byte[][] upperBounds() {
        byte[][] bounds = new byte[ClassicBuckets.COUNT][];
        for (int bucket = 0; bucket < bounds.length; bucket++) {
            PageBuffer bound = new PageBuffer();
            tag(bound, 2, FIXED64);
            bound.fixed(ClassicBuckets.upperBound(bucket));
            bounds[bucket] = bound.toBytes();
        }
        return bounds;
    }
}
