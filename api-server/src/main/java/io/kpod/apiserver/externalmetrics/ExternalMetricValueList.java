package io.kpod.apiserver.externalmetrics;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.table.ListMeta;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/** external.metrics.k8s.io/v1beta1 ExternalMetricValueList (kubernetes/metrics pkg/apis/external_metrics/v1beta1). */
record ExternalMetricValueList(String kind, String apiVersion, ListMeta metadata, List<Item> items) {
    static final String KIND = "ExternalMetricValueList";

    /** {@code window} is the key although Go calls the field WindowSeconds. */
    @JsonClassDescription("One number of a set of pods.")
    record Item(
            @JsonPropertyDescription("Name of the metric.") String metricName,

            @JsonPropertyDescription("What was asked for by KEY=VALUE: labels of the pods, and keys of kpod.")
            Map<String, String> metricLabels,

            @JsonPropertyDescription("When its latest part was measured.")
            Instant timestamp,

            @JsonPropertyDescription("Seconds that the number covers; 0 of one of a moment.")
            long window,

            @JsonPropertyDescription("The number in base units: seconds, bytes, or events or bytes a second.")
            Quantity value) {}

    static ExternalMetricValueList of(ExternalValue value) {
        return new ExternalMetricValueList(
                KIND,
                ExternalMetrics.GROUP + "/" + ExternalMetrics.VERSION,
                ListMeta.EMPTY,
                List.of(new Item(
                        value.choice().served().name(),
                        value.labels(),
                        value.timestamp().truncatedTo(ChronoUnit.SECONDS),
                        value.value().windowSeconds(),
                        value.value().quantity())));
    }
}
