package io.kpod.apiserver.externalmetrics;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.discovery.GroupDeclaration;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.openapi.DescribedMetric;
import io.kpod.apiserver.openapi.GroupVersionKind;
import io.kpod.apiserver.openapi.Parameter;
import io.kpod.apiserver.query.Absence;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.table.Column;
import io.kpod.apiserver.table.JsonAnswer;
import io.kpod.apiserver.table.ListMeta;
import io.kpod.apiserver.table.PartialObjectMetadataList;
import io.kpod.apiserver.table.Representation;
import io.kpod.apiserver.table.TableDocument;
import io.kpod.apiserver.table.TableDocument.IncludeObject;
import io.kpod.apiserver.value.Asking;
import io.kpod.apiserver.value.PodValues;
import io.kpod.apiserver.value.UnknownMetrics;
import io.kpod.apiserver.value.Value;
import io.kpod.apiserver.value.ValueChoice;
import io.kpod.apiserver.value.ValueColumns;
import io.kpod.apiserver.value.ValueParameters;
import io.kpod.selector.LabelRequirement;
import io.kpod.selector.LabelSelector;
import io.kpod.summary.Catalogue;
import io.kpod.summary.ServedMetric;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code /apis/external.metrics.k8s.io/v1beta1/namespaces/NS/METRIC}: one number of the pods that {@code labelSelector}
 * selects; its keys under {@code kpod.io/} choose the number.
 */
public final class ExternalMetrics implements ApiGroup {
    /** The group. */
    public static final String GROUP = "external.metrics.k8s.io";

    static final String VERSION = "v1beta1";
    private static final String BASE = "/apis/" + GROUP + "/" + VERSION;

    private static final Absence UNKNOWN = new Absence(
            Absence.Reason.UNKNOWN_METRIC, "there is none of that name; kubectl get --raw " + BASE + " lists them");

    private static final List<Column<ExternalValue>> COLUMNS = ValueColumns.of("name");

    private final Inventory inventory;
    private final PodValues values;
    private final UnknownMetrics unknown;
    private final InstantSource wallClock;

    /**
     * Makes the group.
     *
     * @param unknown gets the requests for metrics that kpod does not have
     * @param wallClock for timestamps, which are for people
     */
    public ExternalMetrics(Inventory inventory, PodValues values, UnknownMetrics unknown, InstantSource wallClock) {
        this.inventory = inventory;
        this.values = values;
        this.unknown = unknown;
        this.wallClock = wallClock;
    }

    /** What discovery says of the group: each metric. */
    public static GroupDeclaration declaration() {
        List<GroupDeclaration.Resource> resources = Catalogue.SERVED_METRICS.stream()
                .map(metric -> new GroupDeclaration.Resource(
                        metric.name(), "", true, ExternalMetricValueList.KIND, List.of("get"), List.of(), List.of()))
                .toList();
        return new GroupDeclaration(GROUP, List.of(new GroupDeclaration.Version(VERSION, resources)));
    }

    /** What the OpenAPI documents say of the group. */
    public static List<DescribedMetric> described() {
        return List.of(new DescribedMetric(
                new GroupVersionKind(GROUP, VERSION, "ExternalMetricValue"),
                "/namespaces/{namespace}/{metric}",
                "list",
                "Namespaced",
                "A metric of a set of pods, merged over them: one item.",
                List.of(
                        Parameter.inPath("namespace", "Namespace of the pods."),
                        ValueParameters.METRIC,
                        Parameter.text(
                                Asking.EXTERNAL.parameter(),
                                "Chooses pods by labels; its keys under kpod.io/, as KEY=VALUE, choose the number:"
                                        + " kpod.io/stat (of a distribution), kpod.io/window, kpod.io/container, and the"
                                        + " metric's own labels."),
                        Parameter.pretty()),
                ExternalMetricValueList.Item.class));
    }

    @Override
    public void routes(RoutesConfig routes) {
        routes.get(BASE + "/namespaces/{namespace}/{metric}", this::answer);
    }

    private void answer(Context context) {
        String metric = context.pathParam("metric");
        ServedMetric served = Catalogue.served(metric).orElse(null);
        if (served == null) {
            if (!unknown.answered(context)) {
                throw notFound(metric, "", UNKNOWN);
            }
            return;
        }
        ExternalValue found = value(context, served);
        Representation form = Representation.negotiate(context.header("Accept"), Representation.Shape.LIST);
        JsonAnswer.write(
                context,
                switch (form) {
                    case Representation.Plain() -> ExternalMetricValueList.of(found);
                    case Representation.AsTable(String meta) ->
                        TableDocument.of(meta, ListMeta.EMPTY, COLUMNS, List.of(found), IncludeObject.METADATA);
                    case Representation.AsMetadata(String meta) ->
                        PartialObjectMetadataList.of(meta, ListMeta.EMPTY, List.of(found));
                });
    }

    private ExternalValue value(Context context, ServedMetric served) {
        String parameter = Asking.EXTERNAL.parameter();
        String text = context.queryParam(parameter);
        LabelSelector selector = Asking.selector(parameter, text);
        ValueChoice choice = ValueChoice.of(served, Asking.EXTERNAL, selector, values.windows());
        LabelSelector labels = Asking.EXTERNAL.selecting(selector);
        String namespace = context.pathParam("namespace");
        List<Pod> pods = inventory
                .pods(namespace, null)
                .filter(pod -> labels.matches(pod.labels()))
                .toList();
        String asked = text == null ? "" : text;
        if (pods.isEmpty()) {
            throw notFound(served.name(), asked, noPods(namespace, labels));
        }
        return switch (values.merged(pods, choice)) {
            case Value.Present present ->
                new ExternalValue(
                        namespace, choice, labels(selector), wallClock.instant().minus(present.age()), present);
            case Value.Absent(Absence why) -> throw notFound(served.name(), asked, why);
        };
    }

    private Absence noPods(String namespace, LabelSelector labels) {
        return inventory.synced()
                ? new Absence(
                        Absence.Reason.NO_PODS,
                        labels.requirements().isEmpty()
                                ? "there is no pod in namespace " + namespace
                                : "no pod in namespace " + namespace + " has such labels")
                : Absence.PODS_NOT_LISTED_YET;
    }

    private static Map<String, String> labels(LabelSelector selector) {
        Map<String, String> labels = new TreeMap<>();
        for (LabelRequirement requirement : selector.requirements()) {
            if (requirement instanceof LabelRequirement.In(String key, var values) && values.size() == 1) {
                labels.put(key, values.iterator().next());
            }
        }
        return labels;
    }

    /** In the words of every metrics API (custom-metrics-apiserver pkg/provider/errors.go), and why. */
    private static StatusException notFound(String metric, String selector, Absence absence) {
        return new StatusException(
                StatusException.Reason.NOT_FOUND,
                "the server could not find the metric " + metric + " for pods"
                        + (selector.isEmpty() ? "" : " with selector " + selector) + ": " + absence.message(),
                new StatusException.Details(GROUP, metric, "", List.of(absence.cause()), 0));
    }
}
