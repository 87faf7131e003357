package io.kpod.apiserver.custommetrics;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.discovery.GroupDeclaration;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.openapi.DescribedMetric;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.table.Column;
import io.kpod.apiserver.table.JsonAnswer;
import io.kpod.apiserver.table.ListMeta;
import io.kpod.apiserver.table.PartialObjectMetadataList;
import io.kpod.apiserver.table.Representation;
import io.kpod.apiserver.table.TableDocument;
import io.kpod.apiserver.table.TableDocument.IncludeObject;
import io.kpod.apiserver.value.Asking;
import io.kpod.apiserver.value.UnknownMetrics;
import io.kpod.apiserver.value.ValueChoice;
import io.kpod.apiserver.value.ValueColumns;
import io.kpod.selector.LabelSelector;
import io.kpod.summary.Catalogue;
import io.kpod.summary.ServedMetric;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** {@code /apis/custom.metrics.k8s.io/…}: one number per object, for the HorizontalPodAutoscaler. */
public final class CustomMetrics implements ApiGroup {
    /** The group. */
    public static final String GROUP = "custom.metrics.k8s.io";

    private static final List<Column<MetricValue>> COLUMNS = Stream.concat(
                    Stream.of(new Column<MetricValue>(
                            "Name", "name", "Name of the described object.", 0, MetricValue::name)),
                    ValueColumns.<MetricValue>of("").stream())
            .toList();

    private final DescribedValues values;
    private final UnknownMetrics unknown;

    /** @param unknown gets the requests for metrics that kpod does not have */
    public CustomMetrics(DescribedValues values, UnknownMetrics unknown) {
        this.values = values;
        this.unknown = unknown;
    }

    /** What discovery says of the group: each metric of each resource. */
    public static GroupDeclaration declaration() {
        List<GroupDeclaration.Resource> resources = Arrays.stream(DescribedResource.values())
                .flatMap(resource -> Catalogue.SERVED_METRICS.stream()
                        .map(metric -> new GroupDeclaration.Resource(
                                resource.resource() + "/" + metric.name(),
                                "",
                                resource.namespaced(),
                                MetricValueList.KIND,
                                List.of("get"),
                                List.of(),
                                List.of())))
                .toList();
        return new GroupDeclaration(
                GROUP,
                Arrays.stream(GroupVersion.values())
                        .map(version -> new GroupDeclaration.Version(version.version(), resources))
                        .toList());
    }

    /** What the OpenAPI documents say of the group. */
    public static List<DescribedMetric> described() {
        return Arrays.stream(GroupVersion.values()).flatMap(DescribedPaths::of).toList();
    }

    @Override
    public void routes(RoutesConfig routes) {
        for (GroupVersion version : GroupVersion.values()) {
            String base = "/apis/" + version.groupVersion();
            String inNamespace = base + "/namespaces/{namespace}";
            routes.get(inNamespace + "/metrics/{metric}", context -> answer(context, version, this::ofNamespace));
            routes.get(
                    inNamespace + "/{resource}/{name}/{metric}", context -> answer(context, version, this::ofObject));
            routes.get(base + "/{resource}/{name}/{metric}", context -> answer(context, version, this::ofRootScoped));
        }
    }

    /** A question whose metric kpod has. */
    private record Asked(Context context, ServedMetric metric) {
        String path(String parameter) {
            return context.pathParam(parameter);
        }
    }

    @FunctionalInterface
    private interface Question {
        List<MetricValue> values(Asked asked);
    }

    private List<MetricValue> ofNamespace(Asked asked) {
        return values.ofNamespace(asked.path("namespace"), choice(asked));
    }

    private List<MetricValue> ofObject(Asked asked) {
        DescribedResource resource = DescribedResource.ofPath(asked.path("resource"))
                .orElseThrow(() -> notDescribed(asked.path("resource"), "metrics describe "));
        String namespace = asked.path("namespace");
        String name = asked.path("name");
        ValueChoice choice = choice(asked);
        if (resource == DescribedResource.PODS) {
            return name.equals(DescribedValues.EVERY)
                    ? values.ofPods(namespace, labelSelector(asked), choice)
                    : values.ofPod(namespace, name, choice);
        }
        if (name.equals(DescribedValues.EVERY)) {
            throw badRequest("only pods and nodes can be asked for by \"*\"; name one of the " + resource.resource());
        }
        return values.ofObject(resource, namespace, name, choice);
    }

    private List<MetricValue> ofRootScoped(Asked asked) {
        if (!asked.path("resource").equals(DescribedResource.NODES.resource())) {
            throw notDescribed(
                    asked.path("resource"),
                    "outside of namespaces, metrics describe nodes; of a namespace, ask for namespaces/NAME/metrics/"
                            + asked.metric().name() + "; in namespaces they describe ");
        }
        return asked.path("name").equals(DescribedValues.EVERY)
                ? values.ofNodes(labelSelector(asked), choice(asked))
                : values.ofNode(asked.path("name"), choice(asked));
    }

    private void answer(Context context, GroupVersion version, Question question) {
        String metric = context.pathParam("metric");
        ServedMetric served = Catalogue.served(metric).orElse(null);
        if (served == null) {
            if (!unknown.answered(context)) {
                throw unknownMetric(context, metric);
            }
            return;
        }
        List<MetricValue> found = question.values(new Asked(context, served));
        Representation form = Representation.negotiate(context.header("Accept"), Representation.Shape.LIST);
        JsonAnswer.write(
                context,
                switch (form) {
                    case Representation.Plain() -> MetricValueList.of(version, found);
                    case Representation.AsTable(String meta) ->
                        TableDocument.of(meta, ListMeta.EMPTY, COLUMNS, found, IncludeObject.METADATA);
                    case Representation.AsMetadata(String meta) ->
                        PartialObjectMetadataList.of(meta, ListMeta.EMPTY, found);
                });
    }

    private ValueChoice choice(Asked asked) {
        if (asked.context().queryParam("window") != null) {
            throw badRequest("window is no parameter of " + GROUP + ": choose it by metricLabelSelector=window%3D"
                    + asked.context().queryParam("window"));
        }
        return values.choice(
                asked.metric(),
                Asking.selector(Asking.CUSTOM.parameter(), asked.context().queryParam(Asking.CUSTOM.parameter())));
    }

    private static LabelSelector labelSelector(Asked asked) {
        return Asking.selector("labelSelector", asked.context().queryParam("labelSelector"));
    }

    private static StatusException unknownMetric(Context context, String metric) {
        boolean ofNamespace = !context.pathParamMap().containsKey("resource");
        String resource = ofNamespace ? DescribedResource.NAMESPACES.resource() : context.pathParam("resource");
        String name = ofNamespace ? context.pathParam("namespace") : context.pathParam("name");
        return new MetricNotFound(metric, resource, name, context.queryParam(Asking.CUSTOM.parameter()))
                .because(MetricNotFound.UNKNOWN);
    }

    private static StatusException notDescribed(String resource, String described) {
        return new StatusException(
                StatusException.Reason.NOT_FOUND,
                "the server could not find the resource " + resource + "; " + described
                        + String.join(", ", DescribedResource.resources()));
    }

    private static StatusException badRequest(String message) {
        return new StatusException(StatusException.Reason.BAD_REQUEST, message);
    }
}
