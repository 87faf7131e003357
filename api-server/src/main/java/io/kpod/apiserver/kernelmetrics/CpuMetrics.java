package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Catalogue;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What the scheduler and the CPU quota did to a container. */
public record CpuMetrics(
        @JsonPropertyDescription("How long its tasks waited on a run queue before they got a CPU, in seconds.")
        @Nullable
        DistributionSummary runQueueLatency,

        @JsonPropertyDescription("How often one of its tasks was switched out, of its own will or not.") @Nullable
        CounterSummary contextSwitches,

        @JsonPropertyDescription("CPU time that it used; the rate is in CPUs.") @Nullable
        TimeSummary usage,

        @JsonPropertyDescription("How its CPU quota kept it from running.") @Nullable
        Throttling throttled,

        @JsonPropertyDescription(
                "How often one of its tasks lost the CPU while it still wanted to run, by who took it.")
        @Nullable
        Preemptions preemptions) {
    /** What a CPU quota did. */
    public record Throttling(
            @JsonPropertyDescription("Periods in which it had used up its quota, since its measurement began.")
            @Nullable
            Long periods,

            @JsonPropertyDescription("Periods in which it wanted to run, since its measurement began.") @Nullable
            Long ofPeriods,

            @JsonPropertyDescription("Seconds for which it was kept from running, since its measurement began.")
            @Nullable
            Quantity total,

            @JsonPropertyDescription("Seconds per second for which it was kept from running, over the window.")
            @Nullable
            Quantity rate) {
        static @Nullable Throttling of(ContainerWindow window) {
            OptionalLong periods = window.total(Catalogue.CPU_THROTTLED_PERIODS, LabelFilter.ALL);
            OptionalLong ofPeriods = window.total(Catalogue.CPU_PERIODS, LabelFilter.ALL);
            TimeSummary time = TimeSummary.of(window, Catalogue.CPU_THROTTLED_TIME);
            return periods.isEmpty() && ofPeriods.isEmpty() && time == null
                    ? null
                    : new Throttling(
                            periods.isEmpty() ? null : periods.getAsLong(),
                            ofPeriods.isEmpty() ? null : ofPeriods.getAsLong(),
                            time == null ? null : time.total(),
                            time == null ? null : time.rate());
        }
    }

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
                    .map(value -> CounterSummary.of(window, Catalogue.CPU_PREEMPTIONS, LabelFilter.only(value)))
                    .toArray(CounterSummary[]::new);
            return Measured.any((Object[]) by) ? new Preemptions(by[0], by[1], by[2]) : null;
        }
    }

    static @Nullable CpuMetrics of(ContainerWindow window) {
        CpuMetrics cpu = new CpuMetrics(
                DistributionSummary.of(window, Catalogue.CPU_RUNQUEUE_LATENCY, LabelFilter.ALL),
                CounterSummary.of(window, Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL),
                TimeSummary.of(window, Catalogue.CPU_USAGE),
                Throttling.of(window),
                Preemptions.of(window));
        return Measured.any(cpu.runQueueLatency, cpu.contextSwitches, cpu.usage, cpu.throttled, cpu.preemptions)
                ? cpu
                : null;
    }
}
