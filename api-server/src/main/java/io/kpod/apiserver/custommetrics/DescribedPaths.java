package io.kpod.apiserver.custommetrics;

import io.kpod.apiserver.openapi.DescribedMetric;
import io.kpod.apiserver.openapi.GroupVersionKind;
import io.kpod.apiserver.openapi.Parameter;
import io.kpod.apiserver.value.Asking;
import io.kpod.apiserver.value.ValueParameters;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The paths of the group as the OpenAPI documents describe them. */
final class DescribedPaths {
    private static final String ITEM = "MetricValue";
    private static final Parameter NAMESPACE = Parameter.inPath("namespace", "Namespace of the objects.");
    private static final Parameter METRIC_SELECTOR = Parameter.text(
            Asking.CUSTOM.parameter(),
            "Chooses the number, as KEY=VALUE,...: stat (of a distribution), window, container, and the metric's own labels.");
    private static final Parameter LABEL_SELECTOR =
            Parameter.text("labelSelector", "Chooses by labels among all, where the name is *.");

    private DescribedPaths() {}

    /** Those of a version. */
    static Stream<DescribedMetric> of(GroupVersion version) {
        List<String> resources = Arrays.stream(DescribedResource.values())
                .filter(DescribedResource::namespaced)
                .map(DescribedResource::resource)
                .toList();
        return Stream.of(
                described(
                        version,
                        "/namespaces/{namespace}/{resource}/{name}/{metric}",
                        "Namespaced",
                        "A metric of an object, merged over its pods, or of each pod.",
                        NAMESPACE,
                        Parameter.inPath("resource", "What is described, in plural with its group.")
                                .oneOf(resources),
                        Parameter.inPath("name", "Name of the object, or * for all pods."),
                        LABEL_SELECTOR),
                described(
                        version,
                        "/namespaces/{namespace}/metrics/{metric}",
                        "Namespace",
                        "A metric of a namespace, merged over its pods.",
                        Parameter.inPath("namespace", "Name of the namespace.")),
                described(
                        version,
                        "/nodes/{name}/{metric}",
                        "Node",
                        "A metric of a node as a whole.",
                        Parameter.inPath("name", "Name of the node, or * for all."),
                        LABEL_SELECTOR));
    }

    private static DescribedMetric described(
            GroupVersion version, String path, String describes, String description, Parameter... own) {
        return new DescribedMetric(
                new GroupVersionKind(CustomMetrics.GROUP, version.version(), ITEM),
                path,
                "get",
                describes,
                description,
                Stream.concat(
                                Arrays.stream(own),
                                Stream.of(ValueParameters.METRIC, METRIC_SELECTOR, Parameter.pretty()))
                        .toList(),
                version.item());
    }
}
