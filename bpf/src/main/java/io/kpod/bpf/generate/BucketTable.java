package io.kpod.bpf.generate;

import io.kpod.summary.histogram.Schema3;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes {@link Schema3}'s boundaries as the C header {@code schema3.h} that the kernel programs' histogram includes.
 */
final class BucketTable {
    /** Of histogram.h: maps 2^(b+1)-1 to distinct 5-bit numbers. */
    private static final int DE_BRUIJN = 0x07C4ACDD;

    private BucketTable() {}

    /** @param arguments the file to write */
    public static void main(String[] arguments) throws IOException {
        Path header = Path.of(arguments[0]);
        Files.createDirectories(header.toAbsolutePath().getParent());
        Files.writeString(header, text());
    }

    static String text() {
        long[] highestBit = new long[32];
        for (int bit = 0; bit < 32; bit++) {
            int ones = (int) ((1L << (bit + 1)) - 1);
            highestBit[(ones * DE_BRUIJN) >>> 27] = bit;
        }
        return """
                /* Generated from io.kpod.summary.histogram.Schema3. */
                #define KPOD_BUCKETS %d
                #define KPOD_ZERO_NANOS %dULL
                #define KPOD_LAST_LOWER_NANOS %dULL
                /* not static: libbpf finds only global variables in .rodata; padded to powers of two: an index is masked, so that the verifier sees its bound */
                const __u64 schema3_upper_nanos[256] = {%s};
                /* by highest bit b of the nanoseconds: first position of the octave that 2^b is in */
                const __u8 schema3_octave[64] = {%s};
                const __u8 schema3_highest_bit[32] = {%s};
                """.formatted(
                        Schema3.BUCKETS,
                        Schema3.zeroThresholdNanos(),
                        Schema3.upperBoundNanos(Schema3.BUCKETS - 2),
                        numbers(256, position -> Schema3.upperBoundNanos(Math.min(position, Schema3.BUCKETS - 1))),
                        numbers(64, BucketTable::firstPositionOfOctave),
                        numbers(32, index -> highestBit[index]));
    }

    private static long firstPositionOfOctave(int bit) {
        int position = bit > 62 ? Schema3.BUCKETS - 1 : Math.max(0, Schema3.position(1L << bit));
        return position - position % Schema3.BUCKETS_PER_OCTAVE;
    }

    private static String numbers(int count, IntToLongFunction number) {
        return IntStream.range(0, count)
                .mapToObj(index -> Long.toString(number.applyAsLong(index)))
                .collect(Collectors.joining(", "));
    }
}
