package io.kpod.agent.snapshot;

import io.kpod.agent.container.ContainerName;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.histogram.Histogram;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Readings without a kernel behind them. */
public final class TestReadings {
    private static final long SINCE = 1_764_000_000_123L;

    private TestReadings() {}

    /** Containers with a series of each metric, and several of those with labels; from a seed. */
    public static List<ContainerReading> random(int containers, long seed) {
        Random random = new Random(seed);
        List<ContainerReading> readings = new ArrayList<>();
        for (int ref = 1; ref <= containers; ref++) {
            ContainerName name = new ContainerName("shop", "checkout-7d9f-" + ref, "uid-" + ref, "app", "c0ffee" + ref);
            ContainerReading reading = named(ref, name);
            for (Metric metric : Catalogue.METRICS) {
                for (String labels : labels(metric)) {
                    fill(metric, reading.offset(metric, labels), reading.values(), random);
                }
            }
            readings.add(reading);
        }
        return readings;
    }

    /** One without series. */
    public static ContainerReading named(int ref, ContainerName name) {
        return ContainerReading.named(ref, name, SINCE + ref, List.of(), 0);
    }

    /** Somebody takes the CPU from it. */
    public static void preempted(ContainerReading reading, String who, long times) {
        reading.preempted(who, times);
    }

    private static List<String> labels(Metric metric) {
        return switch (metric.labels().size()) {
            case 0 -> List.of("");
            case 1 -> metric.labelValues().isEmpty() ? List.of("first") : metric.labelValues();
            default -> List.of("sda" + Metric.LABEL_SEPARATOR + "read", "sda" + Metric.LABEL_SEPARATOR + "write");
        };
    }

    private static void fill(Metric metric, int at, long[] values, Random random) {
        int digits = random.nextInt(60);
        switch (metric.type()) {
            case COUNTER -> values[at] = random.nextLong() >>> 63 - digits >>> 10;
            case GAUGE -> values[at] = Double.doubleToRawLongBits(random.nextLong() >>> 63 - digits >>> 11);
            case DISTRIBUTION -> {
                values[at + Histogram.SUM_NANOS] = random.nextLong() >>> 20;
                for (int i = Histogram.ZERO_COUNT; i < MetricType.DISTRIBUTION.width(); i++) {
                    values[at + i] = random.nextInt(4) == 0 ? random.nextInt(1 << 1 + random.nextInt(20)) : 0;
                }
            }
        }
    }
}
