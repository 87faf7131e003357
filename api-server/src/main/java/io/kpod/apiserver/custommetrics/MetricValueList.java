package io.kpod.apiserver.custommetrics;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.table.ListMeta;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** custom.metrics.k8s.io MetricValueList (kubernetes/metrics pkg/apis/custom_metrics), in its two versions. */
record MetricValueList(String kind, String apiVersion, ListMeta metadata, List<Item> items) {
    static final String KIND = "MetricValueList";

    /** One value. */
    sealed interface Item {}

    record DescribedObject(String kind, @Nullable String namespace, String name, String apiVersion) {}

    record Selector(Map<String, String> matchLabels) {}

    record Metric(
            String name,

            @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable
            Selector selector) {}

    record V1beta2(
            DescribedObject describedObject, Metric metric, Instant timestamp, long windowSeconds, Quantity value)
            implements Item {}

    /** The window's key differs from that of v1beta2 although Go calls both fields WindowSeconds. */
    record V1beta1(
            DescribedObject describedObject,
            String metricName,
            Instant timestamp,
            long window,
            Quantity value,

            @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable
            Selector selector)
            implements Item {}

    static MetricValueList of(GroupVersion version, List<MetricValue> values) {
        List<Item> items = values.stream()
                .map(value -> switch (version) {
                    case V1BETA2 -> v1beta2(value);
                    case V1BETA1 -> v1beta1(value);
                })
                .toList();
        return new MetricValueList(KIND, version.groupVersion(), ListMeta.EMPTY, items);
    }

    private static Item v1beta2(MetricValue value) {
        return new V1beta2(
                described(value),
                new Metric(value.choice().served().name(), selector(value)),
                value.timestamp().truncatedTo(ChronoUnit.SECONDS),
                value.value().windowSeconds(),
                value.value().quantity());
    }

    private static Item v1beta1(MetricValue value) {
        return new V1beta1(
                described(value),
                value.choice().served().name(),
                value.timestamp().truncatedTo(ChronoUnit.SECONDS),
                value.value().windowSeconds(),
                value.value().quantity(),
                selector(value));
    }

    private static DescribedObject described(MetricValue value) {
        return new DescribedObject(
                value.resource().kind(),
                value.namespace(),
                value.name(),
                value.resource().apiVersion());
    }

    private static @Nullable Selector selector(MetricValue value) {
        return value.choice().selector().isEmpty()
                ? null
                : new Selector(value.choice().selector());
    }
}
