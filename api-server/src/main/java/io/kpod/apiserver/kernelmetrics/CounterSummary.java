package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Metric;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A counter of things. */
public record CounterSummary(
        @JsonPropertyDescription("Since the measurement of the container began.")
        long total,

        @JsonPropertyDescription("Per second over the window; absent until there are two readings.") @Nullable
        Quantity rate) {
    static @Nullable CounterSummary of(ContainerWindow window, Metric metric, LabelFilter labels) {
        OptionalLong total = window.total(metric, labels);
        return total.isEmpty()
                ? null
                : new CounterSummary(total.getAsLong(), Quantities.ofRate(window.rate(metric, labels)));
    }
}
