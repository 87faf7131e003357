package io.kpod.apiserver.externalmetrics;

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
    record Item(String metricName, Map<String, String> metricLabels, Instant timestamp, long window, Quantity value) {}

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
