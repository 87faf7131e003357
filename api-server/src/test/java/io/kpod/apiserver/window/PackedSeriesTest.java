package io.kpod.apiserver.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.histogram.Schema3;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PackedSeriesTest {
    private final PackedSeries packed = new PackedSeries();

    /** What was read, in words; a distribution's buckets are looked at once the reader has filled them. */
    private static final class Read implements PackedSeries.Visitor {
        final List<String> scalars = new ArrayList<>();
        final List<Histogram> histograms = new ArrayList<>();

        @Override
        public void counter(Metric metric, int label, long value) {
            scalars.add(metric.wireNumber() + "/" + label + "=" + value);
        }

        @Override
        public void gauge(Metric metric, int label, double value) {
            scalars.add(metric.wireNumber() + "/" + label + "=" + value);
        }

        @Override
        public Histogram distribution(Metric metric, int label) {
            histograms.add(new Histogram());
            return histograms.getLast();
        }
    }

    private Read read() {
        Read read = new Read();
        PackedSeries.visit(packed.bytes(), 0, packed.size(), read);
        return read;
    }

    /** Key 2 * 2, value 5; key 3 * 2 + 1, label 2, value 300 as 0xac 0x02. */
    @Test
    void aCounterIsItsKeyItsLabelAndItsValue() {
        packed.counter(Catalogue.CPU_CONTEXT_SWITCHES, 0, 5);
        packed.counter(Catalogue.CPU_PREEMPTIONS, 2, 300);
        assertThat(packed.bytes()).startsWith(4, 5, 7, 2, 0xac, 0x02);
        assertThat(packed.size()).isEqualTo(6);
    }

    /**
     * Key 1 * 2, a length of six bytes: sum 7, zero 1, position 2 (distance 3 from -1) with count 4, position 32 (distance 30: 14
     * beyond 16) with count 16 (0 beyond 16).
     */
    @Test
    void aDistributionIsOneByteForEachBucketThatIsNotFarOrFull() {
        Histogram histogram = new Histogram();
        histogram.addToSum(7);
        histogram.addToBucket(Schema3.ZERO, 1);
        histogram.addToBucket(2, 4);
        histogram.addToBucket(32, 16);
        packed.distribution(Catalogue.CPU_RUNQUEUE_LATENCY, 0, histogram);
        assertThat(packed.bytes()).startsWith(2, 6, 0, 7, 1, 0x34, 0x00, 14, 0);
        assertThat(packed.size()).isEqualTo(9);
        assertThat(read().histograms).containsExactly(histogram);
    }

    @Property(tries = 200)
    void whatWasWrittenIsRead(@ForAll long seed) {
        Random random = new Random(seed);
        packed.clear();
        List<String> scalars = new ArrayList<>();
        List<Histogram> histograms = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Metric metric = Catalogue.METRICS.get(random.nextInt(Catalogue.METRICS.size()));
            int label = random.nextBoolean() ? 0 : random.nextInt(1 << random.nextInt(1, 20));
            if (metric.type() == MetricType.DISTRIBUTION) {
                histograms.add(histogram(random));
                packed.distribution(metric, label, histograms.getLast());
            } else if (metric.type() == MetricType.COUNTER) {
                long value = random.nextLong() >>> random.nextInt(1, 64);
                scalars.add(metric.wireNumber() + "/" + label + "=" + value);
                packed.counter(metric, label, value);
            } else {
                double value = random.nextGaussian() * Math.pow(10, random.nextInt(12));
                scalars.add(metric.wireNumber() + "/" + label + "=" + value);
                packed.gauge(metric, label, value);
            }
        }
        Read read = read();
        assertThat(read.scalars).isEqualTo(scalars);
        assertThat(read.histograms).isEqualTo(histograms);
    }

    private static Histogram histogram(Random random) {
        Histogram histogram = new Histogram();
        histogram.addToSum(random.nextLong() >>> random.nextInt(1, 64));
        int buckets = random.nextInt(Schema3.BUCKETS);
        for (int i = 0; i < buckets; i++) {
            histogram.addToBucket(random.nextInt(-1, Schema3.BUCKETS), random.nextLong(1L << random.nextInt(1, 48)));
        }
        return histogram;
    }
}
