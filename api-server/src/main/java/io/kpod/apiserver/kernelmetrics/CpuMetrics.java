package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Catalogue;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the scheduler did to a container. */
public record CpuMetrics(
        @JsonPropertyDescription("How long its tasks waited on a run queue before they got a CPU, in seconds.")
        @Nullable
        DistributionSummary runQueueLatency,

        @JsonPropertyDescription("How often one of its tasks was switched out, of its own will or not.") @Nullable
        CounterSummary contextSwitches,

        @JsonPropertyDescription(
                "How often one of its tasks lost the CPU while it still wanted to run, by who took it.")
        @Nullable
        Preemptions preemptions) {
    /** Who took the CPU. */
    public record Preemptions(
            @JsonPropertyDescription("Another task of the same container.") @Nullable
            CounterSummary self,

            @JsonPropertyDescription("A task of another container.") @Nullable
            CounterSummary container,

            @JsonPropertyDescription("A task of the host, in no container.") @Nullable
            CounterSummary host) {
        static @Nullable Preemptions of(ContainerWindow window) {
            CounterSummary[] by = Catalogue.CPU_PREEMPTIONS.labelValues().stream()
                    .map(value -> CounterSummary.of(
                            window, Catalogue.CPU_PREEMPTIONS, (metric, label) -> label.equals(value)))
                    .toArray(CounterSummary[]::new);
            return Stream.of(by).allMatch(Objects::isNull) ? null : new Preemptions(by[0], by[1], by[2]);
        }
    }

    static @Nullable CpuMetrics of(ContainerWindow window) {
        CpuMetrics cpu = new CpuMetrics(
                DistributionSummary.of(window, Catalogue.CPU_RUNQUEUE_LATENCY),
                CounterSummary.of(window, Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL),
                Preemptions.of(window));
        boolean nothing = cpu.runQueueLatency == null && cpu.contextSwitches == null && cpu.preemptions == null;
        return nothing ? null : cpu;
    }
}
