package io.kpod.apiserver.window;

import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.histogram.Schema3;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Series of one container in few bytes, as slots and totals keep them; a writer into an array that grows, and readers
 * of any array. Labels are indices of the node's {@link Labels}. For one thread.
 *
 * <p>A series is a varint {@code wireNumber * 2}, one more if a varint of its label follows; then a counter's varint, or
 * a gauge's eight bytes, or a distribution: two bytes of length, the varints of its sum and zero bucket, and each
 * bucket that is not empty. A bucket is one byte, its distance from the one before it (from -1 at first) in the high
 * half and its count in the low one; a half of 0 stands for a varint that follows, of what is beyond 16.
 */
final class PackedSeries {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int LONGEST_VARINT = 10;
    private static final int LONGEST_KEY = 2 * LONGEST_VARINT;
    private static final int LENGTH_BYTES = 2;
    private static final int MOST_IN_HALF = 15;
    private static final int LONGEST_DISTRIBUTION =
            LONGEST_KEY + LENGTH_BYTES + 2 * LONGEST_VARINT + Schema3.BUCKETS * (1 + 2 + LONGEST_VARINT);
    private static final Metric[] METRICS = metrics();

    private byte[] bytes = new byte[LONGEST_DISTRIBUTION];
    private int size;

    /** Takes what is read. */
    interface Visitor {
        /** Whether series of the metric are to be visited. */
        default boolean wants(Metric metric) {
            return true;
        }

        void counter(Metric metric, int label, long value);

        void gauge(Metric metric, int label, double value);

        /** What a distribution is to be added to; null: nothing. */
        @Nullable
        Histogram distribution(Metric metric, int label);
    }

    /** Where a series stands, and what it is. Reused from one to the next. */
    static final class Entry {
        Metric metric;
        int label;
        /** Where its value begins. */
        int value;

        int end;

        /** @param any stands there until an entry is read */
        Entry(Metric any) {
            this.metric = any;
        }
    }

    byte[] bytes() {
        return bytes;
    }

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    void counter(Metric metric, int label, long value) {
        room(LONGEST_KEY + LONGEST_VARINT);
        key(metric, label);
        varint(value);
    }

    void gauge(Metric metric, int label, double value) {
        room(LONGEST_KEY + Long.BYTES);
        key(metric, label);
        LONG.set(bytes, size, Double.doubleToRawLongBits(value));
        size += Long.BYTES;
    }

    void distribution(Metric metric, int label, Histogram histogram) {
        room(LONGEST_DISTRIBUTION);
        key(metric, label);
        int length = size;
        size += LENGTH_BYTES;
        varint(histogram.sumNanos());
        varint(histogram.bucketCount(Schema3.ZERO));
        int last = -1;
        for (int position = 0; position < Schema3.BUCKETS; position++) {
            long count = histogram.bucketCount(position);
            if (count == 0) {
                continue;
            }
            int step = position - last;
            last = position;
            bytes[size++] = (byte) ((step > MOST_IN_HALF ? 0 : step) << 4 | (count > MOST_IN_HALF ? 0 : (int) count));
            if (step > MOST_IN_HALF) {
                varint(step - MOST_IN_HALF - 1L);
            }
            if (count > MOST_IN_HALF) {
                varint(count - MOST_IN_HALF - 1);
            }
        }
        int body = size - length - LENGTH_BYTES;
        bytes[length] = (byte) body;
        bytes[length + 1] = (byte) (body >>> 8);
    }

    /** Appends bytes as they are. */
    void copy(byte[] from, int start, int end) {
        room(end - start);
        System.arraycopy(from, start, bytes, size, end - start);
        size += end - start;
    }

    /** Reads the series that starts at {@code from}. */
    static void entry(byte[] bytes, int from, Entry entry) {
        int at = from;
        long key = bytes[at++];
        if (key < 0) {
            key = varintAt(bytes, from);
            at = afterVarint(bytes, from);
        }
        int label = 0;
        if ((key & 1) != 0) {
            label = (int) varintAt(bytes, at);
            at = afterVarint(bytes, at);
        }
        Metric metric = METRICS[(int) (key >>> 1)];
        entry.metric = metric;
        entry.label = label;
        entry.value = at;
        entry.end = switch (metric.type()) {
            case COUNTER -> afterVarint(bytes, at);
            case GAUGE -> at + Long.BYTES;
            case DISTRIBUTION ->
                at + LENGTH_BYTES + (Byte.toUnsignedInt(bytes[at]) | Byte.toUnsignedInt(bytes[at + 1]) << 8);
        };
    }

    /** A counter's value. */
    static long counterAt(byte[] bytes, int at) {
        return varintAt(bytes, at);
    }

    /** A gauge's value. */
    static double gaugeAt(byte[] bytes, int at) {
        return Double.longBitsToDouble((long) LONG.get(bytes, at));
    }

    /** Adds the distribution of an entry to a histogram. */
    static void addTo(Histogram histogram, byte[] bytes, Entry entry) {
        int at = entry.value + LENGTH_BYTES;
        histogram.addToSum(varintAt(bytes, at));
        at = afterVarint(bytes, at);
        histogram.addToBucket(Schema3.ZERO, varintAt(bytes, at));
        at = afterVarint(bytes, at);
        int position = -1;
        while (at < entry.end) {
            int bucket = bytes[at++];
            int step = bucket >>> 4 & MOST_IN_HALF;
            if (step == 0) {
                step = (int) varintAt(bytes, at) + MOST_IN_HALF + 1;
                at = afterVarint(bytes, at);
            }
            long count = bucket & MOST_IN_HALF;
            if (count == 0) {
                count = varintAt(bytes, at) + MOST_IN_HALF + 1;
                at = afterVarint(bytes, at);
            }
            position += step;
            histogram.addToBucket(position, count);
        }
    }

    /** Visits all series from {@code from} to {@code to}. */
    static void visit(byte[] bytes, int from, int to, Visitor visitor) {
        Entry entry = new Entry(Catalogue.METRICS.getFirst());
        for (int at = from; at < to; at = entry.end) {
            entry(bytes, at, entry);
            if (!visitor.wants(entry.metric)) {
                continue;
            }
            switch (entry.metric.type()) {
                case COUNTER -> visitor.counter(entry.metric, entry.label, varintAt(bytes, entry.value));
                case GAUGE -> visitor.gauge(entry.metric, entry.label, gaugeAt(bytes, entry.value));
                case DISTRIBUTION -> {
                    Histogram histogram = visitor.distribution(entry.metric, entry.label);
                    if (histogram != null) {
                        addTo(histogram, bytes, entry);
                    }
                }
            }
        }
    }

    /** Marks the labels that series have. */
    static void markLabels(byte[] bytes, int from, int to, Entry entry, boolean[] inUse) {
        for (int at = from; at < to; at = entry.end) {
            entry(bytes, at, entry);
            inUse[entry.label] = true;
        }
    }

    /** Appends all series from {@code start} to {@code end} of another array with other labels. */
    void relabelled(byte[] from, int start, int end, int[] labels) {
        Entry entry = new Entry(Catalogue.METRICS.getFirst());
        for (int at = start; at < end; at = entry.end) {
            entry(from, at, entry);
            room(LONGEST_KEY);
            key(entry.metric, labels[entry.label]);
            copy(from, entry.value, entry.end);
        }
    }

    static long varintAt(byte[] bytes, int from) {
        long value = 0;
        int at = from;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes[at++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    static int afterVarint(byte[] bytes, int from) {
        int at = from;
        while (bytes[at] < 0) {
            at++;
        }
        return at + 1;
    }

    private void key(Metric metric, int label) {
        varint(metric.wireNumber() * 2L + (label == 0 ? 0 : 1));
        if (label != 0) {
            varint(label);
        }
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, 2 * bytes.length));
        }
    }

    private static Metric[] metrics() {
        int most = Catalogue.TOLD.stream().mapToInt(Metric::wireNumber).max().orElse(0);
        Metric[] metrics = new Metric[most + 1];
        Catalogue.TOLD.forEach(metric -> metrics[metric.wireNumber()] = metric);
        return metrics;
    }
}
