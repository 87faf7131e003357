package io.kpod.apiserver.window;

import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.histogram.Schema3;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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

    /** Low halves of the counts; the high ones are rarely needed. */
    private int[] counts = new int[STEP];

    private int @Nullable [] high;
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
            count(at, count(at) + count);
        }
    }

    /** Writes the flat form into {@code flat}. */
    void toFlat(long[] flat) {
        Arrays.fill(flat, 0, Histogram.WIDTH, 0);
        flat[Histogram.SUM_NANOS] = sumNanos;
        flat[Histogram.ZERO_COUNT] = zeroCount;
        for (int i = 0; i < size; i++) {
            flat[Histogram.FIRST_BUCKET + Byte.toUnsignedInt(positions[i])] = count(i);
        }
    }

    private long count(int at) {
        long low = Integer.toUnsignedLong(counts[at]);
        return high == null ? low : low | (long) high[at] << Integer.SIZE;
    }

    private void count(int at, long count) {
        counts[at] = (int) count;
        if (high == null && count >>> Integer.SIZE != 0) {
            high = new int[counts.length];
        }
        if (high != null) {
            high[at] = (int) (count >>> Integer.SIZE);
        }
    }

    private void insert(int at, int position) {
        if (size == counts.length) {
            positions = Arrays.copyOf(positions, size + STEP);
            counts = Arrays.copyOf(counts, size + STEP);
            if (high != null) {
                high = Arrays.copyOf(high, size + STEP);
            }
        }
        System.arraycopy(positions, at, positions, at + 1, size - at);
        System.arraycopy(counts, at, counts, at + 1, size - at);
        if (high != null) {
            System.arraycopy(high, at, high, at + 1, size - at);
        }
        positions[at] = (byte) position;
        size++;
        count(at, 0);
    }
}
