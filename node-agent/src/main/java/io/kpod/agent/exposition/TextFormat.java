package io.kpod.agent.exposition;

import io.kpod.agent.container.ContainerName;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.Unit;
import io.kpod.summary.histogram.Histogram;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Prometheus' text format 0.0.4, and OpenMetrics 1.0, which names counters otherwise in their head. A distribution has the
 * {@link ClassicBuckets}.
 */
final class TextFormat implements SeriesFormat {
    private static final byte[] VALUE = ascii("} ");
    private static final byte[][] LE = le();

    /** The parts of a metric's lines that never change. */
    private record Names(byte[] sample, byte[] count, byte[] sum, byte[] head) {}

    private final boolean openMetrics;
    private final Names[] names;
    private final long[] counts = new long[ClassicBuckets.COUNT];

    TextFormat(boolean openMetrics) {
        this.openMetrics = openMetrics;
        names = new Names
                [Catalogue.METRICS.stream().mapToInt(Metric::wireNumber).max().orElse(0) + 1];
        for (Metric metric : Catalogue.METRICS) {
            names[metric.wireNumber()] = names(metric);
        }
    }

    @Override
    public byte[] labels(ContainerName name, String node) {
        PageBuffer out = new PageBuffer();
        label(out, "namespace", name.namespace());
        out.write(',');
        label(out, "pod", name.pod());
        out.write(',');
        label(out, "container", name.container());
        out.write(',');
        label(out, "node", node);
        return out.toBytes();
    }

    @Override
    public void counter(PageBuffer out, Metric metric, byte[] common, String own, long value, long startedUnixMillis) {
        series(out, metric, common, own);
        out.write(VALUE);
        if (metric.unit() == Unit.SECONDS) {
            out.seconds(value);
        } else {
            out.decimal(value);
        }
        out.write('\n');
    }

    @Override
    public void gauge(PageBuffer out, Metric metric, byte[] common, String own, double value) {
        series(out, metric, common, own);
        out.write(VALUE);
        out.number(value);
        out.write('\n');
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
        ClassicBuckets.cumulate(values, offset, counts);
        Names name = names[metric.wireNumber()];
        int line = out.length();
        series(out, metric, common, own);
        int labelled = out.length() - line;
        int labels = line + name.sample.length;
        int digits = 0;
        int digitCount = 0;
        for (int bucket = 0; bucket < ClassicBuckets.COUNT; bucket++) {
            if (bucket > 0) {
                out.repeat(line, labelled);
            }
            out.write(LE[bucket]);
            if (bucket > 0 && counts[bucket] == counts[bucket - 1]) {
                out.repeat(digits, digitCount);
            } else {
                digits = out.length();
                out.decimal(counts[bucket]);
                out.write('\n');
                digitCount = out.length() - digits;
            }
        }
        out.write(name.count);
        out.repeat(labels, labelled - name.sample.length);
        out.write(VALUE);
        out.repeat(digits, digitCount);
        out.write(name.sum);
        out.repeat(labels, labelled - name.sample.length);
        out.write(VALUE);
        out.seconds(values[offset + Histogram.SUM_NANOS]);
        out.write('\n');
    }

    @Override
    public void head(PageBuffer out, Metric metric, int seriesBytes) {
        out.write(names[metric.wireNumber()].head);
    }

    /** Name and labels; the brace is still open. */
    private void series(PageBuffer out, Metric metric, byte[] common, String own) {
        out.write(names[metric.wireNumber()].sample);
        out.write(common);
        List<String> labels = metric.labels();
        int begin = 0;
        for (int i = 0; i < labels.size(); i++) {
            int end = i == labels.size() - 1 ? own.length() : own.indexOf(Metric.LABEL_SEPARATOR, begin);
            out.write(',');
            label(out, labels.get(i), own.substring(begin, end));
            begin = end + 1;
        }
    }

    private static void label(PageBuffer out, String name, String value) {
        out.text(name);
        out.write('=');
        out.write('"');
        out.text(escaped(value, true));
        out.write('"');
    }

    private static String escaped(String text, boolean quoted) {
        if (text.indexOf('\\') < 0 && text.indexOf('\n') < 0 && text.indexOf('"') < 0) {
            return text;
        }
        String escaped = text.replace("\\", "\\\\").replace("\n", "\\n");
        return quoted ? escaped.replace("\"", "\\\"") : escaped;
    }

    private Names names(Metric metric) {
        String base = metric.prometheusBaseName();
        String sample = metric.type() == MetricType.DISTRIBUTION ? base + "_bucket" : metric.prometheusName();
        String family = openMetrics ? base : metric.prometheusName();
        String type = switch (metric.type()) {
            case COUNTER -> "counter";
            case GAUGE -> "gauge";
            case DISTRIBUTION -> "histogram";
        };
        return new Names(
                ascii(sample + "{"),
                ascii(base + "_count{"),
                ascii(base + "_sum{"),
                ("# HELP " + family + " " + escaped(metric.help(), openMetrics) + "\n# TYPE " + family + " " + type
                                + "\n")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static byte[][] le() {
        byte[][] bounds = new byte[ClassicBuckets.COUNT][];
        for (int bucket = 0; bucket < bounds.length; bucket++) {
            double bound = ClassicBuckets.upperBound(bucket);
            bounds[bucket] = ascii(",le=\"" + (Double.isInfinite(bound) ? "+Inf" : Double.toString(bound)) + "\"} ");
        }
        return bounds;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
