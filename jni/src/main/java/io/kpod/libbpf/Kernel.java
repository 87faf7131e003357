package io.kpod.libbpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Small questions to the kernel that the JDK has no answer to. */
public final class Kernel {
    /** BPF_MAP_TYPE_CGRP_STORAGE, since Linux 6.2. */
    public static final int MAP_TYPE_CGROUP_STORAGE = 32;

    /** BPF_MAP_TYPE_TASK_STORAGE, since Linux 5.11. */
    public static final int MAP_TYPE_TASK_STORAGE = 29;

    private Kernel() {}

    /** CLOCK_BOOTTIME, the clock of bpf_ktime_get_boot_ns. */
    public static long bootNanos() {
        return Native.bootNanos();
    }

    /** Whether the kernel makes maps of this type; found out by making one. */
    public static boolean hasMapType(int type) throws BpfException {
        Native.takeLog();
        int result = Native.probeMapType(type);
        if (result < 0) {
            throw BpfException.of("probe map type " + type, result);
        }
        return result == 1;
    }

    /**
     * Puts a program that does nothing before the kernel's function of that name, for a moment.
     *
     * @throws BpfException when that can't be done; EPERM under lockdown
     */
    public static void tryTracing(String function) throws BpfException {
        Native.takeLog();
        int result = Native.probeFentry(function);
        if (result < 0) {
            throw BpfException.of("fentry/" + function, result);
        }
    }

    /** The CPUs that are online. */
    public static int[] onlineCpus() {
        String ranges;
        try {
            ranges = Files.readString(Path.of("/sys/devices/system/cpu/online")).strip();
        } catch (IOException e) {
            return IntStream.range(0, Runtime.getRuntime().availableProcessors())
                    .toArray();
        }
        return Stream.of(ranges.split(","))
                .map(range -> range.split("-"))
                .flatMapToInt(ends ->
                        IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])))
                .toArray();
    }
}
