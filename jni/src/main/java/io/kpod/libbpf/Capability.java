package io.kpod.libbpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The capabilities that the agent has a use for (capabilities(7)). */
public enum Capability {
    DAC_READ_SEARCH(2),
    NET_ADMIN(12),
    SYS_PTRACE(19),
    SYS_ADMIN(21),
    SYS_RESOURCE(24),
    PERFMON(38),
    BPF(39);

    private final long bit;

    Capability(int number) {
        bit = 1L << number;
    }

    /** Those of BPF and PERFMON that this process lacks; none when it has SYS_ADMIN, which stands for both. */
    public static List<Capability> missingForTracing() {
        long effective = effective();
        if ((effective & SYS_ADMIN.bit) != 0) {
            return List.of();
        }
        return Stream.of(BPF, PERFMON)
                .filter(capability -> (effective & capability.bit) == 0)
                .toList();
    }

    /** Those of this enumeration that the calling thread has. */
    public static Set<Capability> held() {
        long effective = effective();
        Set<Capability> held = EnumSet.allOf(Capability.class);
        held.removeIf(capability -> (effective & capability.bit) == 0);
        return held;
    }

    /**
     * Drops, for good, in every thread of this process all capabilities but {@code kept}, those that this enumeration does
     * not name too. Once.
     *
     * @return how many were dropped
     * @throws BpfException when a thread still has more: ETIMEDOUT
     */
    public static int keepOnly(Set<Capability> kept) throws BpfException {
        long bits = kept.stream().mapToLong(capability -> capability.bit).sum();
        long before = effective();
        int result = Native.dropCapabilities(bits);
        if (result < 0) {
            throw BpfException.of("drop capabilities", result);
        }
        return Long.bitCount(before & ~bits);
    }

    private static long effective() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/thread-self/status"))) {
            return lines.filter(line -> line.startsWith("CapEff:"))
                    .mapToLong(line -> Long.parseUnsignedLong(
                            line.substring(line.indexOf('\t') + 1).strip(), 16))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
