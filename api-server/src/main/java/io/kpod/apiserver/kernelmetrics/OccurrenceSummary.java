package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Metric;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A counter of what is rare, so that a rate would say little. */
public record OccurrenceSummary(
        @JsonPropertyDescription("Since the measurement of the container began.")
        long total,

        @JsonPropertyDescription("Within the window; absent until there are two readings.") @Nullable
        Long increase) {
    static @Nullable OccurrenceSummary of(ContainerWindow window, Metric metric) {
        OptionalLong total = window.total(metric, LabelFilter.ALL);
        if (total.isEmpty()) {
            return null;
        }
        OptionalLong increase = window.increase(metric, LabelFilter.ALL);
        return new OccurrenceSummary(total.getAsLong(), increase.isEmpty() ? null : increase.getAsLong());
    }
}
