package io.kpod.agent.collector.syscall;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The numbers of an architecture's system calls by name, as the kernel's headers had them when the agent was built. A name
 * is the one that the kernel's own table has: {@code newfstatat}, not {@code fstatat}.
 *
 * @param architecture as {@code uname -m} says it
 * @param numbers those of its own programs
 * @param compat those of its 32-bit programs
 */
record SyscallTable(String architecture, Map<String, Integer> numbers, Map<String, Integer> compat) {
    /** Those that the agent was built with tables for. */
    static final List<String> ARCHITECTURES = List.of("x86_64", "aarch64");

    private static final String RESOURCES = "/io/kpod/bpf/syscalls-";

    SyscallTable {
        numbers = Map.copyOf(numbers);
        compat = Map.copyOf(compat);
    }

    /** The table of an architecture; empty: it has none here. */
    static Optional<SyscallTable> of(String architecture) {
        return ARCHITECTURES.contains(architecture)
                ? Optional.of(new SyscallTable(
                        architecture, read(RESOURCES + architecture), read(RESOURCES + architecture + "-compat")))
                : Optional.empty();
    }

    /** What this machine is. */
    static String thisArchitecture() {
        String java = System.getProperty("os.arch");
        return java.equals("amd64") ? "x86_64" : java;
    }

    /** Whether its programs have a system call of that name. */
    boolean has(String name) {
        return numbers.containsKey(name) || compat.containsKey(name);
    }

    private static Map<String, Integer> read(String resource) {
        try (InputStream in = SyscallTable.class.getResourceAsStream(resource)) {
            if (in == null) {
                return Map.of(); // an architecture whose 32-bit programs are not told apart
            }
            Map<String, Integer> numbers = new HashMap<>();
            new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(line -> line.split(" "))
                    .forEach(entry -> numbers.put(entry[0], Integer.valueOf(entry[1])));
            return numbers;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
