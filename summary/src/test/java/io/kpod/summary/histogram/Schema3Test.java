package io.kpod.summary.histogram;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class Schema3Test {
    private static final BigInteger BILLION_TO_THE_8 = BigInteger.TEN.pow(72);

    /** Whether nanos * 10^-9 s <= 2^(index/8) s, by raising both sides to the eighth power. */
    private static boolean notAbove(long nanos, int index) {
        BigInteger value = BigInteger.valueOf(nanos).pow(8);
        return index >= 0
                ? value.compareTo(BILLION_TO_THE_8.shiftLeft(index)) <= 0
                : value.shiftLeft(-index).compareTo(BILLION_TO_THE_8) <= 0;
    }

    @Test
    void everyBoundaryAndItsNeighboursFallWhereExactArithmeticPutsThem() {
        for (int position = 0; position < Schema3.BUCKETS; position++) {
            int index = Schema3.index(position);
            long bound = Schema3.upperBoundNanos(position);
            assertThat(notAbove(bound, index)).as("bound of index %d", index).isTrue();
            assertThat(notAbove(bound + 1, index))
                    .as("above the bound of index %d", index)
                    .isFalse();
            assertThat(Schema3.position(bound)).isEqualTo(position);
            assertThat(Schema3.position(bound - 1)).isEqualTo(notAbove(bound - 1, index - 1) ? position - 1 : position);
            assertThat(Schema3.position(bound + 1)).isEqualTo(Math.min(position + 1, Schema3.BUCKETS - 1));
        }
    }

    @Property
    void anyDurationIsAboveItsBucketsLowerBoundAndNotAboveItsUpper(
            @ForAll @LongRange(min = 0, max = 1L << 40) long nanos) {
        int position = Schema3.position(nanos);
        int index = position == Schema3.ZERO ? Schema3.FIRST_INDEX - 1 : Schema3.index(position);
        if (position < Schema3.BUCKETS - 1) {
            assertThat(notAbove(nanos, index)).isTrue();
        }
        if (position != Schema3.ZERO) {
            assertThat(notAbove(nanos, index - 1)).isFalse();
        }
    }

    @Test
    void wholePowersOfTwoSecondsAreUpperBounds() {
        assertThat(Schema3.position(1_000_000_000L)).isEqualTo(-Schema3.FIRST_INDEX);
        assertThat(Schema3.upperBoundSeconds(-Schema3.FIRST_INDEX)).isEqualTo(1.0);
        assertThat(Schema3.upperBoundSeconds(Schema3.BUCKETS - 1)).isEqualTo(1024.0);
        assertThat(Schema3.zeroThresholdNanos()).isEqualTo(953);
    }

    @Test
    void whatIsOutOfRangeIsCountedInTheNearestBucket() {
        assertThat(Schema3.position(0)).isEqualTo(Schema3.ZERO);
        assertThat(Schema3.position(-5)).isEqualTo(Schema3.ZERO);
        assertThat(Schema3.position(Long.MAX_VALUE)).isEqualTo(Schema3.BUCKETS - 1);
    }
}
