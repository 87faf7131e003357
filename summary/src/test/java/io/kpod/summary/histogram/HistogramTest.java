package io.kpod.summary.histogram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class HistogramTest {
    private static final double WIDTH_OF_A_BUCKET = Math.pow(2, 1.0 / 8);

    private static Histogram of(List<Long> nanos) {
        Histogram histogram = new Histogram();
        nanos.forEach(histogram::record);
        return histogram;
    }

    @Property
    void aQuantileIsWithinABucketOfTheExactOne(
            @ForAll @Size(min = 1, max = 400) List<@LongRange(min = 1000, max = 1L << 39) Long> nanos,
            @ForAll @DoubleRange(min = 0, max = 1) double q) {
        List<Long> sorted = nanos.stream().sorted().toList();
        double answer = of(nanos).quantileSeconds(q);
        // the rank that Prometheus looks for lies between two samples: the answer is in the bucket of one of them
        double rank = q * sorted.size();
        double low = sorted.get((int) Math.clamp(Math.ceil(rank - 1e-9) - 1, 0, sorted.size() - 1)) / 1e9;
        double high = sorted.get((int) Math.clamp(Math.floor(rank + 1e-9), 0, sorted.size() - 1)) / 1e9;
        assertThat(answer).isBetween(low / WIDTH_OF_A_BUCKET * 0.999999, high * WIDTH_OF_A_BUCKET * 1.000001);
    }

    @Property
    void mergingIsTheSameAsRecordingTogether(
            @ForAll @Size(max = 100) List<@LongRange(min = 0, max = 1L << 41) Long> some,
            @ForAll @Size(max = 100) List<@LongRange(min = 0, max = 1L << 41) Long> others) {
        Histogram merged = of(some);
        merged.add(of(others));
        List<Long> together = new java.util.ArrayList<>(some);
        together.addAll(others);
        assertThat(merged).isEqualTo(of(together));
        assertThat(merged.count()).isEqualTo(together.size());
        assertThat(merged.sumNanos())
                .isEqualTo(together.stream().mapToLong(Long::longValue).sum());
    }

    @Test
    void interpolatesExponentiallyWithinABucketAsPrometheusDoes() {
        Histogram histogram = new Histogram();
        histogram.addToBucket(Schema3.position(1_000_000_000L), 4);
        // all four in (2^(-1/8), 1]: promql/quantile.go gives 2^(log2(lower) + (log2(upper)-log2(lower)) * fraction)
        assertThat(histogram.quantileSeconds(0.5)).isCloseTo(Math.pow(2, -1.0 / 16), within(1e-12));
        assertThat(histogram.quantileSeconds(0.25)).isCloseTo(Math.pow(2, -3.0 / 32), within(1e-12));
        assertThat(histogram.quantileSeconds(1)).isCloseTo(1.0, within(1e-12));
        assertThat(histogram.quantileSeconds(0)).isCloseTo(Math.pow(2, -1.0 / 8), within(1e-12));
    }

    @Test
    void interpolatesLinearlyFromZeroWithinTheZeroBucket() {
        Histogram histogram = new Histogram();
        histogram.addToBucket(Schema3.ZERO, 10);
        assertThat(histogram.quantileSeconds(0.3)).isCloseTo(0.3 * Math.pow(2, -20), within(1e-15));
        assertThat(histogram.maxSeconds()).isEqualTo(Math.pow(2, -20));
    }

    @Test
    void anEmptyOneHasNoNumbers() {
        Histogram empty = new Histogram();
        assertThat(empty.quantileSeconds(0.99)).isNaN();
        assertThat(empty.meanSeconds()).isNaN();
        assertThat(empty.maxSeconds()).isNaN();
        assertThatThrownBy(() -> empty.quantileSeconds(1.5)).hasMessageContaining("1.5");
    }
}
