package io.kpod.summary.histogram;

import java.util.Arrays;

/**
 * A distribution of durations: how many fell into each bucket of {@link Schema3}, and their sum. Merging adds integers,
 * so histograms of containers, pods, nodes and times add up without loss.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class Histogram {
    /** Longs in the flat form: the sum in nanoseconds, the zero bucket's count, then one count per position. */
    public static final int WIDTH = 2 + Schema3.BUCKETS;

    /** Offset of the sum in the flat form. */
    public static final int SUM_NANOS = 0;

    /** Offset of the zero bucket's count in the flat form. */
    public static final int ZERO_COUNT = 1;

    /** Offset of position 0 in the flat form. */
    public static final int FIRST_BUCKET = 2;

    private final long[] values = new long[WIDTH];

    /** Counts one duration. */
    public void record(long nanos) {
        values[SUM_NANOS] += nanos;
        values[FIRST_BUCKET + Schema3.position(nanos)]++;
    }

    /** Forgets all durations. */
    public void clear() {
        Arrays.fill(values, 0);
    }

    /** Adds the {@link #WIDTH} longs of another histogram's flat form that start at {@code offset}. */
    public void add(long[] flat, int offset) {
        for (int i = 0; i < WIDTH; i++) {
            values[i] += flat[offset + i];
        }
    }

    /** A new histogram of what is in either. */
    public static Histogram sum(Histogram one, Histogram other) {
        Histogram sum = new Histogram();
        sum.add(one);
        sum.add(other);
        return sum;
    }

    /** Adds another histogram. */
    public void add(Histogram other) {
        add(other.values, 0);
    }

    /**
     * Takes an earlier state of the same histogram off.
     *
     * @return false: it was no earlier state, some count is below 0 now
     */
    public boolean subtract(Histogram earlier) {
        boolean grew = true;
        for (int i = 0; i < WIDTH; i++) {
            values[i] -= earlier.values[i];
            grew &= values[i] >= 0;
        }
        return grew;
    }

    /**
     * Adds {@code count} durations to the bucket at {@code position} ({@link Schema3#ZERO} for the zero bucket), the
     * sum not touched.
     */
    public void addToBucket(int position, long count) {
        values[FIRST_BUCKET + position] += count;
    }

    /** Adds to the sum alone. */
    public void addToSum(long nanos) {
        values[SUM_NANOS] += nanos;
    }

    /** How many durations there are: the buckets' total. */
    public long count() {
        long count = 0;
        for (int i = ZERO_COUNT; i < WIDTH; i++) {
            count += values[i];
        }
        return count;
    }

    /** The sum of all durations. */
    public long sumNanos() {
        return values[SUM_NANOS];
    }

    /** How many durations are in the bucket at {@code position}, or in the zero bucket for {@link Schema3#ZERO}. */
    public long bucketCount(int position) {
        return values[FIRST_BUCKET + position];
    }

    /** A copy of the flat form. */
    public long[] toFlat() {
        return values.clone();
    }

    /** Mean in seconds; NaN if empty. */
    public double meanSeconds() {
        long count = count();
        return count == 0 ? Double.NaN : sumNanos() / 1e9 / count;
    }

    /**
     * Upper bound in seconds of the highest bucket that is not empty: the maximum, at most 9 % too high; NaN if empty.
     */
    public double maxSeconds() {
        for (int position = Schema3.BUCKETS - 1; position >= 0; position--) {
            if (bucketCount(position) != 0) {
                return Schema3.upperBoundSeconds(position);
            }
        }
        return bucketCount(Schema3.ZERO) != 0 ? Schema3.ZERO_THRESHOLD_SECONDS : Double.NaN;
    }

    /**
     * The quantile in seconds as Prometheus 3's {@code histogram_quantile} gives it for a native histogram
     * (promql/quantile.go): exponential interpolation within a bucket, linear within the zero bucket (from 0, as
     * durations are not negative), counted from the top for {@code q >= 0.5}; NaN if empty.
     *
     * @param q from 0 to 1
     */
    public double quantileSeconds(double q) {
        if (!(q >= 0 && q <= 1)) {
            throw new IllegalArgumentException("quantile " + q + " is not within 0..1");
        }
        double total = count();
        if (total == 0) {
            return Double.NaN;
        }
        boolean fromTop = q >= 0.5;
        double rank = (fromTop ? 1 - q : q) * total;
        double seen = 0;
        int hit = Schema3.ZERO;
        for (int step = 0; step <= Schema3.BUCKETS; step++) {
            int position = fromTop ? Schema3.BUCKETS - 1 - step : step - 1;
            long count = bucketCount(position);
            if (count == 0) {
                continue;
            }
            hit = position;
            seen += count;
            if (seen >= rank) {
                break;
            }
        }
        double inBucket = fromTop ? seen - rank : rank - (seen - bucketCount(hit));
        double fraction = inBucket / bucketCount(hit);
        if (hit == Schema3.ZERO) {
            return Schema3.ZERO_THRESHOLD_SECONDS * fraction;
        }
        double logLower = log2(Schema3.lowerBoundSeconds(hit));
        double logUpper = log2(Schema3.upperBoundSeconds(hit));
        return Math.pow(2, logLower + (logUpper - logLower) * fraction);
    }

    private static double log2(double value) {
        return Math.log(value) / Math.log(2);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Histogram that && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "Histogram[count=" + count() + ", sumNanos=" + sumNanos() + "]";
    }
}
