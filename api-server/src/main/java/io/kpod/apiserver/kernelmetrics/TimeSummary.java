package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Metric;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A counter of time. */
public record TimeSummary(
        @JsonPropertyDescription("Seconds since the measurement of the container began.")
        Quantity total,

        @JsonPropertyDescription("Seconds per second over the window; absent until there are two readings.") @Nullable
        Quantity rate) {
    static @Nullable TimeSummary of(ContainerWindow window, Metric metric) {
        OptionalLong nanos = window.total(metric, LabelFilter.ALL);
        return nanos.isEmpty()
                ? null
                : new TimeSummary(
                        Quantity.ofNanos(nanos.getAsLong()), Quantities.ofRate(window.rate(metric, LabelFilter.ALL)));
    }
}
