package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import org.jspecify.annotations.Nullable;

/** How long a container's tasks stood still for want of something: the kernel's pressure stall information. */
public record PressureMetrics(
        @JsonPropertyDescription("For want of a CPU.") @Nullable
        Stall cpu,

        @JsonPropertyDescription("For want of memory.") @Nullable
        Stall memory,

        @JsonPropertyDescription("For want of a disk.") @Nullable
        Stall io) {
    /** Of one resource. */
    public record Stall(
            @JsonPropertyDescription("Time in which at least one task waited.") @Nullable
            TimeSummary some,

            @JsonPropertyDescription("Time in which all tasks waited.") @Nullable
            TimeSummary full) {
        static @Nullable Stall of(ContainerWindow window, Metric some, Metric full) {
            Stall stall = new Stall(TimeSummary.of(window, some), TimeSummary.of(window, full));
            return Measured.any(stall.some, stall.full) ? stall : null;
        }
    }

    static @Nullable PressureMetrics of(ContainerWindow window) {
        PressureMetrics pressure = new PressureMetrics(
                Stall.of(window, Catalogue.PRESSURE_CPU_SOME, Catalogue.PRESSURE_CPU_FULL),
                Stall.of(window, Catalogue.PRESSURE_MEMORY_SOME, Catalogue.PRESSURE_MEMORY_FULL),
                Stall.of(window, Catalogue.PRESSURE_IO_SOME, Catalogue.PRESSURE_IO_FULL));
        return Measured.any(pressure.cpu, pressure.memory, pressure.io) ? pressure : null;
    }
}
