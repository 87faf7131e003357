package io.kpod.apiserver.window;

import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.histogram.Schema3;
import java.util.Arrays;

/** A histogram's total kept small: only the buckets that are not empty. Guarded by its owner. */
final class SparseHistogram {
    /**
     * New buckets become rare soon, so room is not doubled: there is one of these for each container of the cluster.
     */
    private static final int STEP = 8;

    private long sumNanos;
    private long zeroCount;
    /** Ascending; positions fit an unsigned byte. */
    private byte[] positions = new byte[STEP];

    private long[] counts = new long[STEP];
    private int size;

    static {
        if (Schema3.BUCKETS > 256) {
            throw new IllegalStateException("a position of " + Schema3.BUCKETS + " does not fit a byte");
        }
    }

    /** Adds a flat form. */
    void add(long[] flat) {
        sumNanos += flat[Histogram.SUM_NANOS];
        zeroCount += flat[Histogram.ZERO_COUNT];
        int at = 0;
        for (int position = 0; position < Schema3.BUCKETS; position++) {
            long count = flat[Histogram.FIRST_BUCKET + position];
            if (count == 0) {
                continue;
            }
            while (at < size && Byte.toUnsignedInt(positions[at]) < position) {
                at++;
            }
            if (at == size || Byte.toUnsignedInt(positions[at]) != position) {
                insert(at, position);
            }
            counts[at] += count;
        }
    }

    /** Writes the flat form into {@code flat}. */
    void toFlat(long[] flat) {
        Arrays.fill(flat, 0, Histogram.WIDTH, 0);
        flat[Histogram.SUM_NANOS] = sumNanos;
        flat[Histogram.ZERO_COUNT] = zeroCount;
        for (int i = 0; i < size; i++) {
            flat[Histogram.FIRST_BUCKET + Byte.toUnsignedInt(positions[i])] = counts[i];
        }
    }

    /** How many durations there are. */
    long count() {
        long count = zeroCount;
        for (int i = 0; i < size; i++) {
            count += counts[i];
        }
        return count;
    }

    private void insert(int at, int position) {
        if (size == counts.length) {
            positions = Arrays.copyOf(positions, size + STEP);
            counts = Arrays.copyOf(counts, size + STEP);
        }
        System.arraycopy(positions, at, positions, at + 1, size - at);
        System.arraycopy(counts, at, counts, at + 1, size - at);
        positions[at] = (byte) position;
        counts[at] = 0;
        size++;
    }
}
