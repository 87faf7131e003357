package io.kpod.summary.histogram;

import java.math.BigInteger;

/**
 * Buckets of a Prometheus native histogram of schema 3, in seconds, over the range that kpod keeps.
 *
 * <p>Bucket <i>i</i> holds values in (2^((i-1)/8), 2^(i/8)] seconds, so eight buckets a power of two. kpod keeps
 * indices {@value #FIRST_INDEX} to {@value #LAST_INDEX}, that is 2^-20 s (just under a microsecond) to 2^10 s, at
 * positions 0 to {@code BUCKETS - 1}. What is not above 2^-20 s is in the zero bucket; what is above 2^10 s is in the
 * last bucket.
 *
 * <p>Values are whole nanoseconds, so a boundary b is crossed by the first integer above it: the tables hold floor(b *
 * 10^9), computed with integers alone. The kernel programs get the same table generated from this class.
 */
public final class Schema3 {
    /** Prometheus' schema number. */
    public static final int SCHEMA = 3;

    /** Buckets a power of two. */
    public static final int BUCKETS_PER_OCTAVE = 8;

    /** Prometheus index of position 0: the bucket whose lower bound is 2^-20 s. */
    public static final int FIRST_INDEX = -159;

    /** Prometheus index of the last position: the bucket whose upper bound is 2^10 s. */
    public static final int LAST_INDEX = 80;

    /** How many positions there are, the zero bucket not among them. */
    public static final int BUCKETS = LAST_INDEX - FIRST_INDEX + 1;

    /** What {@link #position} gives for the zero bucket. */
    public static final int ZERO = -1;

    /** Width of the zero bucket in seconds, Prometheus' zero threshold: 2^-20. */
    public static final double ZERO_THRESHOLD_SECONDS = Math.scalb(1.0, -20);

    private static final long ZERO_THRESHOLD_NANOS = boundaryNanos(FIRST_INDEX - 1);
    private static final long[] UPPER_BOUND_NANOS = upperBoundsNanos();
    private static final double[] UPPER_BOUND_SECONDS = upperBoundsSeconds();

    private Schema3() {}

    /**
     * The largest whole number of nanoseconds in the bucket at {@code position} (the last one is open above all the
     * same).
     */
    public static long upperBoundNanos(int position) {
        return UPPER_BOUND_NANOS[position];
    }

    /** The largest whole number of nanoseconds in the zero bucket: floor(2^-20 s). */
    public static long zeroThresholdNanos() {
        return ZERO_THRESHOLD_NANOS;
    }

    /** Upper bound of the bucket at {@code position} in seconds, as Prometheus computes it. */
    public static double upperBoundSeconds(int position) {
        return UPPER_BOUND_SECONDS[position];
    }

    /** Lower bound of the bucket at {@code position} in seconds; exclusive. */
    public static double lowerBoundSeconds(int position) {
        return position == 0 ? ZERO_THRESHOLD_SECONDS : UPPER_BOUND_SECONDS[position - 1];
    }

    /** Prometheus' bucket index of {@code position}. */
    public static int index(int position) {
        return position + FIRST_INDEX;
    }

    /** The position whose bucket holds {@code nanos}, or {@link #ZERO}. */
    public static int position(long nanos) {
        if (nanos <= ZERO_THRESHOLD_NANOS) {
            return ZERO;
        }
        int low = 0;
        int high = BUCKETS - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (nanos <= UPPER_BOUND_NANOS[middle]) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** floor(2^(index/8) * 10^9), exactly: x &lt;= 2^(i/8) * 10^9 if and only if x^8 &lt;= 2^i * 10^72. */
    private static long boundaryNanos(int index) {
        BigInteger power = BigInteger.TEN.pow(72);
        power = index >= 0 ? power.shiftLeft(index) : power.shiftRight(-index);
        return power.sqrt().sqrt().sqrt().longValueExact();
    }

    private static long[] upperBoundsNanos() {
        long[] bounds = new long[BUCKETS];
        for (int position = 0; position < BUCKETS; position++) {
            bounds[position] = boundaryNanos(index(position));
        }
        return bounds;
    }

    private static double[] upperBoundsSeconds() {
        double[] bounds = new double[BUCKETS];
        for (int position = 0; position < BUCKETS; position++) {
            int index = index(position);
            double fraction = StrictMath.pow(2, Math.floorMod(index, BUCKETS_PER_OCTAVE) / (double) BUCKETS_PER_OCTAVE);
            bounds[position] = Math.scalb(fraction, Math.floorDiv(index, BUCKETS_PER_OCTAVE));
        }
        return bounds;
    }
}
