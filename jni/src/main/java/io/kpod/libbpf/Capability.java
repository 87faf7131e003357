package io.kpod.libbpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The capabilities that tracing programs need (capabilities(7)). */
public enum Capability {
    PERFMON(38),
    BPF(39);

    private static final int SYS_ADMIN = 21;

    private final int bit;

    Capability(int bit) {
        this.bit = bit;
    }

    /** Those of BPF and PERFMON that this process lacks; none when it has SYS_ADMIN, which stands for both. */
    public static List<Capability> missingForTracing() {
        long effective = effective();
        if ((effective >>> SYS_ADMIN & 1) != 0) {
            return List.of();
        }
        return Stream.of(BPF, PERFMON)
                .filter(capability -> (effective >>> capability.bit & 1) == 0)
                .toList();
    }

    private static long effective() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
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
