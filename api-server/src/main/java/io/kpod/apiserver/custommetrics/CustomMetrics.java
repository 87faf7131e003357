package io.kpod.apiserver.custommetrics;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.discovery.GroupDeclaration;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.Owner;
import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.query.Absence;
import io.kpod.apiserver.query.Answer;
import io.kpod.apiserver.query.PodQuery;
import io.kpod.apiserver.query.WindowLength;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.table.JsonAnswer;
import io.kpod.apiserver.table.ListMeta;
import io.kpod.apiserver.table.PartialObjectMetadataList;
import io.kpod.apiserver.table.Representation;
import io.kpod.apiserver.table.TableDocument;
import io.kpod.apiserver.table.TableDocument.IncludeObject;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.PodWindow;
import io.kpod.apiserver.window.WindowStore;
import io.kpod.selector.LabelSelector;
import io.kpod.selector.MalformedSelectorException;
import io.kpod.summary.Catalogue;
import io.kpod.summary.ServedMetric;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code /apis/custom.metrics.k8s.io/…}: one number per object, for the HorizontalPodAutoscaler. */
public final class CustomMetrics implements ApiGroup {
    /** The group. */
    public static final String GROUP = "custom.metrics.k8s.io";

    private static final Absence UNKNOWN = new Absence(
            "UnknownMetric", "there is none of that name; kubectl get --raw /apis/" + GROUP + "/v1beta2 lists them");

    private static final String EVERY = "*";
    private static final int LONGEST_SELECTOR = 16 * 1024;

    private final Inventory inventory;
    private final PodQuery query;
    private final WindowLength windows;
    private final InstantSource wallClock;

    /** @param wallClock for timestamps, which are for people */
    public CustomMetrics(Inventory inventory, WindowStore store, PodQuery query, InstantSource wallClock) {
        this.inventory = inventory;
        this.query = query;
        this.windows = new WindowLength(store.retention());
        this.wallClock = wallClock;
    }

    /** What discovery says of the group: each metric of each resource. */
    public static GroupDeclaration declaration() {
        List<GroupDeclaration.Resource> resources = DescribedResource.resources().stream()
                .flatMap(resource -> Catalogue.SERVED_METRICS.stream()
                        .map(metric -> new GroupDeclaration.Resource(
                                resource + "/" + metric.name(),
                                "",
                                !resource.equals(DescribedResource.NAMESPACES.resource()),
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

    @Override
    public void routes(RoutesConfig routes) {
        for (GroupVersion version : GroupVersion.values()) {
            String base = "/apis/" + version.groupVersion() + "/namespaces/{namespace}";
            routes.get(base + "/metrics/{metric}", context -> answer(context, version, ofNamespace(context)));
            routes.get(base + "/{resource}/{name}/{metric}", context -> answer(context, version, ofObject(context)));
        }
    }

    private List<MetricValue> ofNamespace(Context context) {
        String namespace = context.pathParam("namespace");
        ValueChoice choice = choice(context, DescribedResource.NAMESPACES, namespace);
        List<Pod> pods = inventory.pods(namespace, null).toList();
        return List.of(merged(DescribedResource.NAMESPACES, null, namespace, pods, choice));
    }

    private List<MetricValue> ofObject(Context context) {
        String namespace = context.pathParam("namespace");
        String name = context.pathParam("name");
        DescribedResource resource = DescribedResource.ofPath(context.pathParam("resource"))
                .orElseThrow(() -> new StatusException(
                        StatusException.Reason.NOT_FOUND,
                        "the server could not find the resource " + context.pathParam("resource")
                                + "; metrics describe " + String.join(", ", DescribedResource.resources())));
        ValueChoice choice = choice(context, resource, name);
        if (resource == DescribedResource.PODS) {
            return name.equals(EVERY)
                    ? ofPods(namespace, selector(context, "labelSelector"), choice)
                    : List.of(ofPod(new PodName(namespace, name), choice));
        }
        if (name.equals(EVERY)) {
            throw badRequest("only pods can be asked for by \"*\"; name one of the " + resource.resource());
        }
        List<Pod> pods = inventory.podsOf(new Owner(resource.kind(), namespace, name));
        return List.of(merged(resource, namespace, name, pods, choice));
    }

    private List<MetricValue> ofPods(String namespace, LabelSelector labels, ValueChoice choice) {
        List<PodName> names = new ArrayList<>();
        List<PodWindow> windowsOfPods = new ArrayList<>();
        inventory
                .pods(namespace, null)
                .filter(pod -> labels.matches(pod.labels()))
                .forEach(pod -> query.measured(pod, choice.window(), choice::wants)
                        .ifPresent(window -> {
                            names.add(pod.name());
                            windowsOfPods.add(window);
                        }));
        choice.check(windowsOfPods, windows);
        List<MetricValue> values = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            PodName name = names.get(i);
            value(DescribedResource.PODS, name.namespace(), name.name(), List.of(windowsOfPods.get(i)), choice)
                    .ifPresent(values::add);
        }
        return values;
    }

    private MetricValue ofPod(PodName name, ValueChoice choice) {
        return switch (query.ask(name, choice.window(), choice::wants)) {
            case Answer.Measured(Pod measured, PodWindow window) -> {
                choice.check(List.of(window), windows);
                yield value(DescribedResource.PODS, name.namespace(), name.name(), List.of(window), choice)
                        .orElseThrow(() -> notFound(
                                choice.served().name(),
                                DescribedResource.PODS,
                                name.name(),
                                nothingMeasured(List.of(measured), choice)));
            }
            case Answer.Absent(Absence absence) ->
                throw notFound(choice.served().name(), DescribedResource.PODS, name.name(), absence);
        };
    }

    /** One value over many pods. */
    private MetricValue merged(
            DescribedResource resource, @Nullable String namespace, String name, List<Pod> pods, ValueChoice choice) {
        List<PodWindow> measured = pods.stream()
                .flatMap(pod -> query.measured(pod, choice.window(), choice::wants).stream())
                .toList();
        choice.check(measured, windows);
        return value(resource, namespace, name, measured, choice).orElseThrow(() -> {
            String metric = choice.served().name();
            if (pods.isEmpty()) {
                return notFound(metric, resource, name, new Absence("NoPods", "there is no pod of it"));
            }
            if (measured.isEmpty()) {
                String first = query.ask(pods.getFirst().name(), choice.window(), choice::wants)
                                instanceof Answer.Absent(Absence why)
                        ? "; of the first, " + pods.getFirst().name().name() + ": " + why.message()
                        : "";
                return notFound(
                        metric,
                        resource,
                        name,
                        new Absence("NoPodMeasured", "none of its " + pods.size() + " pods is measured" + first));
            }
            return notFound(metric, resource, name, nothingMeasured(pods, choice));
        });
    }

    private Optional<MetricValue> value(
            DescribedResource resource,
            @Nullable String namespace,
            String name,
            List<PodWindow> pods,
            ValueChoice choice) {
        List<ContainerWindow> parts =
                pods.stream().flatMap(pod -> choice.part(pod).stream()).toList();
        Optional<Quantity> value = choice.value(parts);
        Duration age =
                pods.stream().map(PodWindow::age).min(Comparator.naturalOrder()).orElse(Duration.ZERO);
        Duration covered = parts.stream()
                .map(part -> part.covered(choice.served().metric()))
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        return value.map(quantity -> new MetricValue(
                resource, namespace, name, choice, wallClock.instant().minus(age), age, covered, quantity));
    }

    private void answer(Context context, GroupVersion version, List<MetricValue> values) {
        Representation form = Representation.negotiate(context.header("Accept"), Representation.Shape.LIST);
        JsonAnswer.write(
                context,
                switch (form) {
                    case Representation.Plain() -> MetricValueList.of(version, values);
                    case Representation.AsTable(String meta) ->
                        TableDocument.of(meta, ListMeta.EMPTY, ValueColumns.COLUMNS, values, IncludeObject.METADATA);
                    case Representation.AsMetadata(String meta) ->
                        PartialObjectMetadataList.of(meta, ListMeta.EMPTY, values);
                });
    }

    private ValueChoice choice(Context context, DescribedResource resource, String name) {
        String metric = context.pathParam("metric");
        ServedMetric served = Catalogue.served(metric).orElseThrow(() -> notFound(metric, resource, name, UNKNOWN));
        if (context.queryParam("window") != null) {
            throw badRequest("window is no parameter of " + GROUP + ": choose it by metricLabelSelector=window%3D"
                    + context.queryParam("window"));
        }
        return ValueChoice.of(served, selector(context, "metricLabelSelector"), windows);
    }

    private static LabelSelector selector(Context context, String parameter) {
        String text = context.queryParam(parameter);
        if (text == null) {
            return LabelSelector.EVERYTHING;
        }
        if (text.length() > LONGEST_SELECTOR) {
            throw badRequest(
                    parameter + " has " + text.length() + " characters; at most " + LONGEST_SELECTOR + " are read");
        }
        try {
            return LabelSelector.parse(text);
        } catch (MalformedSelectorException e) {
            throw badRequest(parameter + ": " + e.getMessage());
        }
    }

    private Absence nothingMeasured(List<Pod> pods, ValueChoice choice) {
        return query.collectorOff(pods, choice.served().metric())
                .orElseGet(() -> new Absence(
                        "NothingInWindow",
                        "nothing was measured in the last " + choice.window().toSeconds()
                                + "s, or only one summary has been taken so far"));
    }

    /**
     * In the words of every custom metrics API (custom-metrics-apiserver pkg/provider/errors.go), and why if that is
     * known.
     */
    private static StatusException notFound(String metric, DescribedResource resource, String name, Absence absence) {
        String message = "the server could not find the metric " + metric + " for " + resource.resource()
                + (name.equals(EVERY) ? "" : " " + name)
                + ": " + absence.message();
        List<StatusException.Cause> causes =
                List.of(new StatusException.Cause(absence.reason(), absence.message(), ""));
        return new StatusException(
                StatusException.Reason.NOT_FOUND,
                message,
                new StatusException.Details(GROUP, resource.resource(), name, causes, 0));
    }

    private static StatusException badRequest(String message) {
        return new StatusException(StatusException.Reason.BAD_REQUEST, message);
    }
}
