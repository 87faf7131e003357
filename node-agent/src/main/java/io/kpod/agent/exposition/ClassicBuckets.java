package io.kpod.agent.exposition;

import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.histogram.Schema3;

/**
 * Buckets of a classic Prometheus histogram at the powers of four, a subset of the boundaries of {@link Schema3}: the
 * counts are exact. The last one has no upper bound.
 */
final class ClassicBuckets {
    private static final int POSITIONS = 2 * Schema3.BUCKETS_PER_OCTAVE;

    /** How many there are. */
    static final int COUNT = 1 + Schema3.BUCKETS / POSITIONS;

    private ClassicBuckets() {}

    /** In seconds. */
    static double upperBound(int bucket) {
        return bucket == 0
                ? Schema3.ZERO_THRESHOLD_SECONDS
                : bucket == COUNT - 1 ? Double.POSITIVE_INFINITY : Schema3.upperBoundSeconds(bucket * POSITIONS - 1);
    }

    /** How many durations are not above each bucket's upper bound. */
    static void cumulate(long[] values, int offset, long[] counts) {
        long count = values[offset + Histogram.ZERO_COUNT];
        counts[0] = count;
        int at = offset + Histogram.FIRST_BUCKET;
        for (int bucket = 1; bucket < COUNT; bucket++) {
            for (int end = at + POSITIONS; at < end; at++) {
                count += values[at];
            }
            counts[bucket] = count;
        }
    }
}
