package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.window.ContainerWindow;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the kernel did to one container, or to all of a pod. */
public record ContainerKernelMetrics(
        @JsonPropertyDescription("Name of the container; absent for the total of a pod.") @Nullable
        String name,

        @JsonPropertyDescription(
                "When its measurement began: its birth, or the agent's start if that was later. Totals count from here.")
        Instant startedAt,

        @JsonPropertyDescription("What the scheduler and the CPU quota did to it.") @Nullable
        CpuMetrics cpu,

        @JsonPropertyDescription("What its TCP sockets did.") @Nullable
        TcpMetrics tcp,

        @JsonPropertyDescription("Its memory, and what a lack of it did.") @Nullable
        MemoryMetrics memory,

        @JsonPropertyDescription("The system calls that are tracked, by name.") @Nullable
        List<SyscallMetrics> syscalls,

        @JsonPropertyDescription("What it did with block devices, by device.") @Nullable
        List<DiskMetrics> disks,

        @JsonPropertyDescription("The volumes that it has mounted, by mount point.") @Nullable
        List<FilesystemMetrics> filesystems,

        @JsonPropertyDescription("How long its tasks stood still for want of something.") @Nullable
        PressureMetrics pressure) {
    public ContainerKernelMetrics {
        startedAt = startedAt.truncatedTo(ChronoUnit.SECONDS);
    }

    /** The total of several pods: volumes of one mount point in several pods are not one volume. */
    static ContainerKernelMetrics ofPods(ContainerWindow window) {
        ContainerKernelMetrics all = of(null, window);
        return new ContainerKernelMetrics(
                null, all.startedAt, all.cpu, all.tcp, all.memory, all.syscalls, all.disks, null, all.pressure);
    }

    static ContainerKernelMetrics of(@Nullable String name, ContainerWindow window) {
        return new ContainerKernelMetrics(
                name,
                Instant.ofEpochMilli(window.startedUnixMillis()),
                CpuMetrics.of(window),
                TcpMetrics.of(window),
                MemoryMetrics.of(window),
                SyscallMetrics.of(window),
                DiskMetrics.of(window),
                FilesystemMetrics.of(window),
                PressureMetrics.of(window));
    }
}
