package io.kpod.apiserver.custommetrics;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
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

    private static final String DESCRIPTION = "One number of one object.";
    private static final String OBJECT = "The object that the number is of.";
    private static final String TIMESTAMP = "When its latest part was measured.";
    private static final String WINDOW = "Seconds that the number covers; 0 of one of a moment.";
    private static final String VALUE =
            "The number in base units: seconds, bytes, or events or bytes a second. What was not measured is no item.";

    /** One value. */
    sealed interface Item {}

    @JsonClassDescription("The object that a number is of.")
    record DescribedObject(
            @JsonPropertyDescription("Kind of the object.") String kind,

            @JsonPropertyDescription("Its namespace; of a Namespace or a Node there is none.") @Nullable
            String namespace,

            @JsonPropertyDescription("Its name.") String name,

            @JsonPropertyDescription("Group and version of its kind; /v1 of the core group.")
            String apiVersion) {}

    @JsonClassDescription("The keys of metricLabelSelector that chose the number.")
    record Selector(
            @JsonPropertyDescription("Their values by key.") Map<String, String> matchLabels) {}

    @JsonClassDescription("What a number is of.")
    record Metric(
            @JsonPropertyDescription("Name of the metric.") String name,

            @JsonPropertyDescription("The keys of metricLabelSelector that chose the number; null if there were none.")
            @JsonInclude(JsonInclude.Include.ALWAYS)
            @Nullable
            Selector selector) {}

    @JsonClassDescription(DESCRIPTION)
    record V1beta2(
            @JsonPropertyDescription(OBJECT) DescribedObject describedObject,

            @JsonPropertyDescription("What it is a number of.")
            Metric metric,

            @JsonPropertyDescription(TIMESTAMP) Instant timestamp,

            @JsonPropertyDescription(WINDOW) long windowSeconds,

            @JsonPropertyDescription(VALUE) Quantity value)
            implements Item {}

    /** The window's key differs from that of v1beta2 although Go calls both fields WindowSeconds. */
    @JsonClassDescription(DESCRIPTION)
    record V1beta1(
            @JsonPropertyDescription(OBJECT) DescribedObject describedObject,

            @JsonPropertyDescription("Name of the metric.") String metricName,

            @JsonPropertyDescription(TIMESTAMP) Instant timestamp,

            @JsonPropertyDescription(WINDOW) long window,

            @JsonPropertyDescription(VALUE) Quantity value,

            @JsonPropertyDescription("The keys of metricLabelSelector that chose the number; null if there were none.")
            @JsonInclude(JsonInclude.Include.ALWAYS)
            @Nullable
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
