package io.kpod.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.BpfProgram;
import io.kpod.libbpf.Capability;
import io.kpod.summary.histogram.Schema3;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The running kernel's choice of bucket beside exact arithmetic: ns is in a bucket of upper bound 2^(i/8) s iff ns^8
 * <= 2^i * 10^72.
 */
class HistogramKernelTest {
    private static final int ZERO = Schema3.BUCKETS;

    private static BpfObject object;
    private static BpfProgram position;

    @BeforeAll
    static void load() throws Exception {
        if (!Files.exists(Path.of("/sys/kernel/btf/vmlinux"))
                || !Capability.missingForTracing().isEmpty()) {
            String what =
                    "the kernel's buckets can't be tested without BTF, BPF and PERFMON: run as root on a kernel with BTF";
            if (Boolean.parseBoolean(System.getenv("CI"))) {
                Assertions.fail(what);
            }
            System.err.println("SKIPPED kernel test: " + what);
            Assumptions.abort(what);
        }
        try (InputStream in = HistogramKernelTest.class.getResourceAsStream("/io/kpod/bpf/histogram.bpf.o")) {
            object = BpfObject.open("histogram.bpf.o", in.readAllBytes()).load();
            position = object.program("position");
        }
    }

    @AfterAll
    static void close() {
        if (object != null) {
            object.close();
        }
    }

    @Test
    void everyBoundaryAndItsNeighboursFallIntoTheExactBucket() throws Exception {
        for (int bucket = 0; bucket < Schema3.BUCKETS; bucket++) {
            long boundary = Schema3.upperBoundNanos(bucket);
            for (long nanos : new long[] {boundary - 1, boundary, boundary + 1}) {
                assertThat(position.run(nanos)).as("%d ns", nanos).isEqualTo(exact(nanos));
            }
        }
    }

    @Test
    void everyNanosecondAroundTheZeroThresholdFallsIntoTheExactBucket() throws Exception {
        for (long nanos = 0; nanos <= 3_000; nanos++) {
            assertThat(position.run(nanos)).as("%d ns", nanos).isEqualTo(exact(nanos));
        }
    }

    @Test
    void powersOfTwoExtremesAndChanceValuesFallIntoTheExactBucket() throws Exception {
        SplittableRandom random = new SplittableRandom(4);
        for (int bit = 0; bit < 63; bit++) {
            for (long nanos : new long[] {
                (1L << bit) - 1,
                1L << bit,
                (1L << bit) + 1,
                random.nextLong(1L << bit, 2L << bit & Long.MAX_VALUE | 1L << bit | 1)
            }) {
                assertThat(position.run(nanos)).as("%d ns", nanos).isEqualTo(exact(nanos));
            }
        }
        assertThat(position.run(Long.MAX_VALUE)).isEqualTo(Schema3.BUCKETS - 1);
        for (int i = 0; i < 20_000; i++) {
            long nanos = random.nextLong(1L << random.nextInt(8, 42));
            assertThat(position.run(nanos)).as("%d ns", nanos).isEqualTo(exact(nanos));
        }
    }

    /** By the definition alone, not by the table that the kernel program is made from. */
    private static long exact(long nanos) {
        BigInteger eighthPower = BigInteger.valueOf(nanos).pow(8);
        if (isAtMost(eighthPower, Schema3.FIRST_INDEX - 1)) {
            return ZERO;
        }
        int low = 0;
        int high = Schema3.BUCKETS - 1;
        while (low < high) {
            int middle = (low + high) / 2;
            if (isAtMost(eighthPower, Schema3.index(middle))) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private static boolean isAtMost(BigInteger eighthPower, int index) {
        BigInteger second = BigInteger.TEN.pow(72);
        return index >= 0
                ? eighthPower.compareTo(second.shiftLeft(index)) <= 0
                : eighthPower.shiftLeft(-index).compareTo(second) <= 0;
    }
}
