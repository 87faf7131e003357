package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.window.ContainerWindow;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** What the kernel did to one container, or to all of a pod. */
public record ContainerKernelMetrics(
        @JsonPropertyDescription("Name of the container; absent for the total of a pod.") @Nullable
        String name,

        @JsonPropertyDescription(
                "When its measurement began: its birth, or the agent's start if that was later. Totals count from here.")
        Instant startedAt,

        @JsonPropertyDescription("What the scheduler did to it.") @Nullable
        CpuMetrics cpu) {
    public ContainerKernelMetrics {
        startedAt = startedAt.truncatedTo(ChronoUnit.SECONDS);
    }

    static ContainerKernelMetrics of(@Nullable String name, ContainerWindow window) {
        return new ContainerKernelMetrics(
                name, Instant.ofEpochMilli(window.startedUnixMillis()), CpuMetrics.of(window));
    }
}
