package io.kpod.apiserver.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.histogram.Schema3;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SparseHistogramTest {
    /** Counts of all sizes, small ones and such as need more than 32 bits, in any order. */
    @Property
    void holdsWhatTheFlatFormHolds(
            @ForAll @Size(max = 40) List<@IntRange(min = -1, max = Schema3.BUCKETS - 1) Integer> positions,
            @ForAll long seed) {
        Random random = new Random(seed);
        SparseHistogram sparse = new SparseHistogram();
        Histogram truth = new Histogram();
        for (int position : positions) {
            Histogram increment = new Histogram();
            increment.addToBucket(position, random.nextLong(1, 1L << random.nextInt(1, 48)));
            increment.addToSum(random.nextInt(1_000_000));
            sparse.add(increment.toFlat());
            truth.add(increment);
        }
        long[] flat = new long[Histogram.WIDTH];
        sparse.toFlat(flat);
        assertThat(flat).isEqualTo(truth.toFlat());
    }
}
