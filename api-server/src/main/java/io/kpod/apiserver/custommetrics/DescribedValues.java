package io.kpod.apiserver.custommetrics;

import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.Node;
import io.kpod.apiserver.inventory.Owner;
import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.inventory.Service;
import io.kpod.apiserver.query.Absence;
import io.kpod.apiserver.query.NodeQuery;
import io.kpod.apiserver.query.PodQuery;
import io.kpod.apiserver.value.Asking;
import io.kpod.apiserver.value.PodValues;
import io.kpod.apiserver.value.Value;
import io.kpod.apiserver.value.ValueChoice;
import io.kpod.apiserver.window.PodName;
import io.kpod.selector.LabelSelector;
import io.kpod.summary.ServedMetric;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of the objects that custom metrics describe. Of one object there is exactly one, or a 404 that says why
 * there is none.
 */
public final class DescribedValues {
    /** The name that stands for all. */
    static final String EVERY = "*";

    private final Inventory inventory;
    private final PodQuery pods;
    private final NodeQuery nodes;
    private final PodValues values;
    private final InstantSource wallClock;

    /** @param wallClock for timestamps, which are for people */
    public DescribedValues(
            Inventory inventory, PodQuery pods, NodeQuery nodes, PodValues values, InstantSource wallClock) {
        this.inventory = inventory;
        this.pods = pods;
        this.nodes = nodes;
        this.values = values;
        this.wallClock = wallClock;
    }

    ValueChoice choice(ServedMetric metric, LabelSelector selector) {
        return ValueChoice.of(metric, Asking.CUSTOM, selector, values.windows());
    }

    List<MetricValue> ofPods(String namespace, LabelSelector labels, ValueChoice choice) {
        List<Pod> selected = inventory
                .pods(namespace, null)
                .filter(pod -> labels.matches(pod.labels()))
                .toList();
        PodValues.OfPods found = values.each(selected, choice);
        found.absence().ifPresent(absence -> {
            throw notFound(choice, DescribedResource.PODS, EVERY).because(absence);
        });
        return found.values().stream()
                .map(one -> value(
                        DescribedResource.PODS, namespace, one.pod().name().name(), choice, one.value()))
                .toList();
    }

    List<MetricValue> ofPod(String namespace, String name, ValueChoice choice) {
        PodName podName = new PodName(namespace, name);
        Optional<Pod> pod = inventory.pod(podName);
        PodValues.OfPods found = values.each(pod.stream().toList(), choice);
        if (found.values().isEmpty()) {
            throw notFound(choice, DescribedResource.PODS, name)
                    .because(found.absence().orElseGet(() -> pods.unknown(podName)));
        }
        return List.of(value(
                DescribedResource.PODS,
                namespace,
                name,
                choice,
                found.values().getFirst().value()));
    }

    List<MetricValue> ofObject(DescribedResource resource, String namespace, String name, ValueChoice choice) {
        return List.of(one(
                resource,
                namespace,
                name,
                choice,
                resource == DescribedResource.SERVICES
                        ? ofService(namespace, name, choice)
                        : values.merged(inventory.podsOf(new Owner(resource.kind(), namespace, name)), choice)));
    }

    List<MetricValue> ofNamespace(String namespace, ValueChoice choice) {
        List<Pod> all = inventory.pods(namespace, null).toList();
        return List.of(one(DescribedResource.NAMESPACES, null, namespace, choice, values.merged(all, choice)));
    }

    List<MetricValue> ofNodes(LabelSelector labels, ValueChoice choice) {
        List<MetricValue> found = new ArrayList<>();
        List<Node> selected = inventory
                .nodes("")
                .filter(node -> labels.matches(node.labels()))
                .toList();
        @Nullable Absence first = null;
        for (Node node : selected) {
            switch (ofNode(node, choice)) {
                case Value.Present present ->
                    found.add(value(DescribedResource.NODES, null, node.name(), choice, present));
                case Value.Absent(Absence why) -> first = first == null ? why : first;
            }
        }
        if (found.isEmpty() && first != null) {
            throw notFound(choice, DescribedResource.NODES, EVERY)
                    .because(new Absence(
                            Absence.Reason.NO_NODE_MEASURED,
                            "none of " + selected.size() + " nodes has it; of "
                                    + selected.getFirst().name() + ": " + first.message()));
        }
        return found;
    }

    List<MetricValue> ofNode(String name, ValueChoice choice) {
        Node node = inventory
                .node(name)
                .orElseThrow(
                        () -> notFound(choice, DescribedResource.NODES, name).because(nodes.unknown(name)));
        return List.of(one(DescribedResource.NODES, null, name, choice, ofNode(node, choice)));
    }

    private Value ofNode(Node node, ValueChoice choice) {
        List<Pod> onNode = choice.container() == null
                ? List.of()
                : inventory
                        .pods(null, null)
                        .filter(pod -> pod.node().equals(node.name()))
                        .toList();
        return values.ofNode(node, onNode, choice);
    }

    private Value ofService(String namespace, String name, ValueChoice choice) {
        if (!inventory.synced()) {
            return new Value.Absent(Absence.PODS_NOT_LISTED_YET);
        }
        Optional<Service> service = inventory.service(namespace, name);
        if (service.isEmpty()) {
            return new Value.Absent(
                    new Absence(Absence.Reason.SERVICE_UNKNOWN, "there is no Service " + namespace + "/" + name));
        }
        if (service.get().selector().isEmpty()) {
            return new Value.Absent(
                    new Absence(Absence.Reason.NO_SELECTOR, "the Service has no selector, so that it has no pods"));
        }
        List<Pod> selected =
                inventory.pods(namespace, null).filter(service.get()::selects).toList();
        return selected.isEmpty()
                ? new Value.Absent(new Absence(
                        Absence.Reason.NO_PODS,
                        "no pod has the labels of its selector, "
                                + service.get().selector().entrySet().stream()
                                        .map(Object::toString)
                                        .sorted()
                                        .collect(Collectors.joining(","))))
                : values.merged(selected, choice);
    }

    private MetricValue one(
            DescribedResource resource, @Nullable String namespace, String name, ValueChoice choice, Value value) {
        return switch (value) {
            case Value.Present present -> value(resource, namespace, name, choice, present);
            case Value.Absent(Absence why) ->
                throw notFound(choice, resource, name).because(why);
        };
    }

    private MetricValue value(
            DescribedResource resource,
            @Nullable String namespace,
            String name,
            ValueChoice choice,
            Value.Present value) {
        return new MetricValue(
                resource, namespace, name, choice, wallClock.instant().minus(value.age()), value);
    }

    private static MetricNotFound notFound(ValueChoice choice, DescribedResource resource, String name) {
        return new MetricNotFound(choice.served().name(), resource.resource(), name, choice.selectorText());
    }
}
