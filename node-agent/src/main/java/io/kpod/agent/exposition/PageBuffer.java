package io.kpod.agent.exposition;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes of a page in the making. It grows, and keeps its room when it is used again, so that a page allocates nothing
 * once there was one like it. Not thread-safe.
 */
final class PageBuffer extends OutputStream {
    private static final int FIRST_BYTES = 512;

    /** The HTTP server copies what it is given at once, twice; it keeps the copies. */
    private static final int MOST_AT_ONCE = 32 * 1024;

    private static final int MOST_VARINT_BYTES = 10;
    private static final int NANO_DIGITS = 9;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** Above, a double is not every whole number. */
    private static final double LARGEST_WHOLE = 0x1p53;

    private static final byte[] LEAST_LONG = Long.toString(Long.MIN_VALUE).getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes = new byte[FIRST_BYTES];
    private int length;

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    @Override
    public void write(int one) {
        room(1);
        bytes[length++] = (byte) one;
    }

    @Override
    public void write(byte[] from) {
        write(from, 0, from.length);
    }

    @Override
    public void write(byte[] from, int offset, int count) {
        room(count);
        System.arraycopy(from, offset, bytes, length, count);
        length += count;
    }

    void write(PageBuffer from) {
        write(from.bytes, 0, from.length);
    }

    /** Writes once more what stands at {@code from}. */
    void repeat(int from, int count) {
        room(count);
        System.arraycopy(bytes, from, bytes, length, count);
        length += count;
    }

    /** The text in UTF-8. */
    void text(String text) {
        int chars = text.length();
        room(chars);
        for (int i = 0; i < chars; i++) {
            char one = text.charAt(i);
            if (one >= 0x80) {
                write(text.substring(i).getBytes(StandardCharsets.UTF_8));
                return;
            }
            bytes[length++] = (byte) one;
        }
    }

    /** The number in decimal digits. */
    void decimal(long number) {
        if (number == Long.MIN_VALUE) {
            write(LEAST_LONG);
            return;
        }
        long left = number;
        if (left < 0) {
            write('-');
            left = -left;
        }
        int digits = digits(left);
        room(digits);
        int at = length + digits;
        length = at;
        // int division is several times faster
        while (left > Integer.MAX_VALUE) {
            long tenth = left / 10;
            bytes[--at] = (byte) ('0' + (int) (left - tenth * 10));
            left = tenth;
        }
        int small = (int) left;
        do {
            int tenth = small / 10;
            bytes[--at] = (byte) ('0' + small - tenth * 10);
            small = tenth;
        } while (small != 0);
    }

    /** Nanoseconds as seconds, exactly. */
    void seconds(long nanos) {
        long left = nanos;
        if (left < 0) {
            write('-');
            left = -left;
        }
        long whole = left / NANOS_PER_SECOND;
        int fraction = (int) (left - whole * NANOS_PER_SECOND);
        decimal(whole);
        if (fraction == 0) {
            return;
        }
        write('.');
        room(NANO_DIGITS);
        for (int digit = NANO_DIGITS - 1; digit >= 0; digit--) {
            int tenth = fraction / 10;
            bytes[length + digit] = (byte) ('0' + fraction - tenth * 10);
            fraction = tenth;
        }
        length += NANO_DIGITS;
        while (bytes[length - 1] == '0') {
            length--;
        }
    }

    /** The number as Prometheus reads it; whole ones without a fraction. */
    void number(double number) {
        if (number == Math.rint(number) && Math.abs(number) < LARGEST_WHOLE) {
            decimal((long) number);
        } else if (Double.isInfinite(number)) {
            text(number > 0 ? "+Inf" : "-Inf");
        } else {
            text(Double.toString(number));
        }
    }

    /** A varint of protobuf. */
    void varint(long number) {
        room(MOST_VARINT_BYTES);
        byte[] to = bytes;
        int at = length;
        long left = number;
        while ((left & ~0x7FL) != 0) {
            to[at++] = (byte) (left & 0x7F | 0x80);
            left >>>= 7;
        }
        to[at++] = (byte) left;
        length = at;
    }

    /** A signed varint of protobuf. */
    void zigzag(long number) {
        varint(number << 1 ^ number >> 63);
    }

    /** A double of protobuf. */
    void fixed(double number) {
        room(Long.BYTES);
        long bits = Double.doubleToRawLongBits(number);
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[length++] = (byte) (bits >>> i * Byte.SIZE);
        }
    }

    /** Bytes that {@link #varint} takes. */
    static int varintBytes(long number) {
        return number == 0 ? 1 : (Long.SIZE - Long.numberOfLeadingZeros(number) + 6) / 7;
    }

    /** Writes all of it to the stream. */
    void writeTo(OutputStream out) throws IOException {
        for (int at = 0; at < length; at += MOST_AT_ONCE) {
            out.write(bytes, at, Math.min(MOST_AT_ONCE, length - at));
        }
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length + bytes.length / 2));
        }
    }

    private static int digits(long number) {
        int digits = 1;
        for (long bound = 10; digits < 19 && number >= bound; bound *= 10) {
            digits++;
        }
        return digits;
    }
}
