package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Catalogue;
import org.jspecify.annotations.Nullable;

/** A container's memory, and what a lack of it did. */
public record MemoryMetrics(
        @JsonPropertyDescription("Processes of it that the OOM killer killed.") @Nullable
        OccurrenceSummary oomKills,

        @JsonPropertyDescription("Page faults that had to wait for a disk.") @Nullable
        CounterSummary majorPageFaults,

        @JsonPropertyDescription("Memory that can't be reclaimed easily: all but the inactive page cache, in bytes.")
        @Nullable
        Quantity workingSet,

        @JsonPropertyDescription("Anonymous memory, in bytes.") @Nullable
        Quantity rss,

        @JsonPropertyDescription(
                "Memory that it may use at most, in bytes; absent without a limit. Of a pod: the sum over the containers that have one.")
        @Nullable
        Quantity limit) {
    static @Nullable MemoryMetrics of(ContainerWindow window) {
        MemoryMetrics memory = new MemoryMetrics(
                OccurrenceSummary.of(window, Catalogue.MEM_OOM_KILLS),
                CounterSummary.of(window, Catalogue.MEM_MAJOR_PAGE_FAULTS, LabelFilter.ALL),
                Quantities.ofBytes(window.gauge(Catalogue.MEM_WORKING_SET_BYTES, LabelFilter.ALL)),
                Quantities.ofBytes(window.gauge(Catalogue.MEM_RSS_BYTES, LabelFilter.ALL)),
                Quantities.ofBytes(window.gauge(Catalogue.MEM_LIMIT_BYTES, LabelFilter.ALL)));
        return Measured.any(memory.oomKills, memory.majorPageFaults, memory.workingSet, memory.rss, memory.limit)
                ? memory
                : null;
    }
}
