package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Metric;
import io.kpod.summary.Stat;
import io.kpod.summary.histogram.Histogram;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A distribution over the window; its quantiles are those of Prometheus' histogram_quantile on the same native
 * histogram.
 */
public record DistributionSummary(
        @JsonPropertyDescription("How many fell into the window.")
        long count,

        @JsonPropertyDescription("Mean.") @Nullable Quantity mean,
        @JsonPropertyDescription("Median.") @Nullable Quantity p50,

        @JsonPropertyDescription("90th percentile.") @Nullable
        Quantity p90,

        @JsonPropertyDescription("95th percentile.") @Nullable
        Quantity p95,

        @JsonPropertyDescription("99th percentile.") @Nullable
        Quantity p99,

        @JsonPropertyDescription("99.9th percentile.") @Nullable
        Quantity p999,

        @JsonPropertyDescription("Upper bound of the highest bucket that is not empty.") @Nullable
        Quantity max) {
    /** Of most containers, most of the time. */
    private static final DistributionSummary EMPTY =
            new DistributionSummary(0, null, null, null, null, null, null, null);

    static @Nullable DistributionSummary of(ContainerWindow window, Metric metric, LabelFilter labels) {
        Optional<Histogram> histogram = window.histogram(metric, labels);
        if (histogram.isEmpty()) {
            return null;
        }
        Histogram values = histogram.get();
        long count = values.count();
        if (count == 0) {
            return EMPTY;
        }
        return new DistributionSummary(
                count,
                Quantities.of(Stat.MEAN.seconds(values)),
                Quantities.of(Stat.P50.seconds(values)),
                Quantities.of(Stat.P90.seconds(values)),
                Quantities.of(Stat.P95.seconds(values)),
                Quantities.of(Stat.P99.seconds(values)),
                Quantities.of(Stat.P999.seconds(values)),
                Quantities.of(Stat.MAX.seconds(values)));
    }
}
