package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Catalogue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of the system calls that are tracked. */
public record SyscallMetrics(
        @JsonPropertyDescription("Name of the system call.") String name,

        @JsonPropertyDescription("Calls that returned.") @Nullable
        CounterSummary count,

        @JsonPropertyDescription("Calls that returned an error.") @Nullable
        CounterSummary errors,

        @JsonPropertyDescription("Time from a call to its return, in seconds.") @Nullable
        DistributionSummary latency) {
    static @Nullable List<SyscallMetrics> of(ContainerWindow window) {
        return Measured.each(
                Measured.labels(window, Catalogue.SYSCALL_COUNT, Catalogue.SYSCALL_ERRORS, Catalogue.SYSCALL_LATENCY),
                name -> {
                    LabelFilter only = LabelFilter.only(name);
                    return new SyscallMetrics(
                            name,
                            CounterSummary.of(window, Catalogue.SYSCALL_COUNT, only),
                            CounterSummary.of(window, Catalogue.SYSCALL_ERRORS, only),
                            DistributionSummary.of(window, Catalogue.SYSCALL_LATENCY, only));
                });
    }
}
