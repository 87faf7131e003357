package io.kpod.agent.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.kpod.agent.container.ContainerName;
import io.kpod.agent.snapshot.ContainerReading;
import io.kpod.agent.snapshot.TestReadings;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import io.prometheus.metrics.expositionformats.generated.Metrics;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is written here is what the Prometheus library writes of the same readings, the order of lines and labels aside. */
class ContainerSeriesTest {
    private static final String NODE = "n\u00f6de \"1\"";
    private static final Pattern SAMPLE = Pattern.compile("(\\w+)\\{(.*)} (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** Random values, and every edge: none, the largest, labels that need escapes, gauges that are absent. */
    private static List<ContainerReading> readings() {
        List<ContainerReading> readings = new ArrayList<>(TestReadings.random(20, 7));
        ContainerReading odd = TestReadings.named(
                100, new ContainerName("back\\slash", "line\nbreak", "", "quo\"te \ud83d\ude00", ""));
        for (Metric metric : Catalogue.METRICS) {
            String own = String.join(
                    Metric.LABEL_SEPARATOR,
                    metric.labels().stream()
                            .map(label -> "/vol\\ume \"\u00e9\"\n" + label)
                            .toList());
            int at = odd.offset(metric, own);
            switch (metric.type()) {
                case COUNTER -> odd.values()[at] = (1L << 53) - 1;
                case GAUGE ->
                    odd.values()[at] = Double.doubleToRawLongBits(
                            switch (metric.wireNumber() % 4) {
                                case 0 -> Double.NaN;
                                case 1 -> Double.POSITIVE_INFINITY;
                                case 2 -> -0.125;
                                default -> 1e300;
                            });
                case DISTRIBUTION -> {
                    odd.values()[at + Histogram.ZERO_COUNT] = 3;
                    odd.values()[at + Histogram.FIRST_BUCKET] = 1L << 40;
                    odd.values()[at + Histogram.WIDTH - 1] = 1;
                }
            }
        }
        readings.add(odd);
        ContainerReading idle = TestReadings.named(101, new ContainerName("", "", "", "", ""));
        Catalogue.METRICS.stream()
                .filter(metric -> metric.labels().isEmpty())
                .forEach(metric -> idle.offset(metric, ""));
        readings.add(idle);
        return readings;
    }

    @ParameterizedTest
    @EnumSource
    void aPageSaysWhatTheLibrarysSays(PageFormat format) throws IOException {
        List<ContainerReading> readings = readings();
        Page page = new Page();
        new ContainerSeries(format.series(), NODE).write(readings, page);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        page.writeTo(written);
        ByteArrayOutputStream truth = new ByteArrayOutputStream();
        format.ownMeters().write(truth, LibraryPage.of(readings, NODE));

        assertThat(page.length()).isEqualTo(written.size());
        if (format == PageFormat.PROTOBUF) {
            assertThat(families(written.toByteArray())).isEqualTo(families(truth.toByteArray()));
        } else {
            assertThat(lines(written)).isEqualTo(lines(truth));
        }
    }

    @Test
    void aSpareRoomIsUsedAgain() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<ContainerReading> readings = TestReadings.random(220, 1);
        for (PageFormat format : PageFormat.values()) {
            ContainerSeries series = new ContainerSeries(format.series(), NODE);
            Page page = new Page();
            series.write(readings, page);
            page.clear();
            series.write(readings, page);
            long length = page.length();
            long before = threads.getCurrentThreadAllocatedBytes();
            page.clear();
            series.write(readings, page);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(page.length()).isEqualTo(length).isGreaterThan(500_000);
            // the two labels of the disk latency are cut in two
            assertThat(allocated).as(format + ": bytes allocated").isLessThan(128 * 1024);
        }
    }

    /** Each sample's value by name and sorted labels; HELP and TYPE lines as they are. */
    private static Map<String, String> lines(ByteArrayOutputStream page) {
        Map<String, String> lines = new TreeMap<>();
        page.toString(StandardCharsets.UTF_8).lines().forEach(line -> {
            Matcher sample = SAMPLE.matcher(line);
            if (line.startsWith("#")) {
                lines.put(line, "");
            } else if (sample.matches()) {
                Map<String, String> labels = new TreeMap<>();
                Matcher label = LABEL.matcher(sample.group(2));
                while (label.find()) {
                    labels.put(label.group(1), label.group(2));
                }
                String value = sample.group(3).replace("Inf", "Infinity");
                lines.put(sample.group(1) + labels, Double.toString(Double.parseDouble(value)));
            } else {
                throw new AssertionError("not a sample: " + line);
            }
        });
        lines.remove("# EOF");
        return lines;
    }

    /** Families, their series by labels, all in a form that does not depend on how spans are cut. */
    private static Map<String, Object> families(byte[] page) throws IOException {
        Map<String, Object> families = new TreeMap<>();
        ByteArrayInputStream in = new ByteArrayInputStream(page);
        for (var family = Metrics.MetricFamily.parseDelimitedFrom(in);
                family != null;
                family = Metrics.MetricFamily.parseDelimitedFrom(in)) {
            Map<Map<String, String>, List<Object>> series = new HashMap<>();
            for (Metrics.Metric metric : family.getMetricList()) {
                Map<String, String> labels = new TreeMap<>();
                metric.getLabelList().forEach(label -> labels.put(label.getName(), label.getValue()));
                Metrics.Histogram histogram = metric.getHistogram();
                series.put(
                        labels,
                        List.of(
                                metric.hasCounter(),
                                metric.getCounter(),
                                metric.hasGauge(),
                                metric.getGauge(),
                                metric.hasHistogram(),
                                // the library leaves out when it was created
                                histogram.toBuilder()
                                        .clearCreatedTimestamp()
                                        .clearPositiveSpan()
                                        .clearPositiveDelta()
                                        .build(),
                                buckets(histogram)));
            }
            families.put(
                    family.getName(), List.of(family.getHelp(), family.getType(), family.getMetricCount(), series));
        }
        return families;
    }

    private static Map<Integer, Long> buckets(Metrics.Histogram histogram) {
        Map<Integer, Long> buckets = new TreeMap<>();
        long count = 0;
        int index = 0;
        int delta = 0;
        for (Metrics.BucketSpan span : histogram.getPositiveSpanList()) {
            index += span.getOffset();
            for (int i = 0; i < span.getLength(); i++) {
                count += histogram.getPositiveDelta(delta++);
                if (count != 0) {
                    buckets.put(index, count);
                }
                index++;
            }
        }
        assertThat(delta).isEqualTo(histogram.getPositiveDeltaCount());
        assertThat(LongStream.concat(
                                LongStream.of(histogram.getZeroCount()),
                                buckets.values().stream().mapToLong(Long::longValue))
                        .sum())
                .isEqualTo(histogram.getSampleCount());
        return buckets;
    }
}
