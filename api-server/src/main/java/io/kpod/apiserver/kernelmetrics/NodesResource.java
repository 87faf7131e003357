package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.change.Ledger;
import io.kpod.apiserver.change.Version;
import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.Node;
import io.kpod.apiserver.query.Absence;
import io.kpod.apiserver.query.NodeQuery;
import io.kpod.apiserver.query.NodeQuery.NodeAnswer;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.NodeState;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.WindowStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** {@code /apis/kernelmetrics.kpod.io/v1beta1/nodes}. */
public final class NodesResource extends KernelMetricsResource<Node, NodeKernelMetrics> {
    static final ResourceType<NodeKernelMetrics> TYPE = new ResourceType<>(
            "nodes",
            NodeKernelMetrics.KIND,
            false,
            "nkm",
            NodeKernelMetrics.class,
            NodeColumns.COLUMNS,
            NodeColumns.METRICS,
            List.of(ListOptions.NAME_FIELD));

    private final Inventory inventory;
    private final NodeQuery query;

    public NodesResource(Inventory inventory, WindowStore store, Serving serving) {
        super(TYPE, serving);
        this.inventory = inventory;
        this.query = new NodeQuery(inventory, store);
    }

    @Override
    Ledger<Node> ledger() {
        return serving().presence().nodes();
    }

    @Override
    NodeKernelMetrics one(PodName name, String revision, Moment moment) {
        Optional<Node> node = inventory.node(name.name());
        return node.flatMap(found -> query.measured(found, moment.window(), moment.wanted())
                        .map(answer -> NodeKernelMetrics.of(found, answer, revision, moment.now())))
                .orElseThrow(() -> {
                    Absence absence = node.map(query::whyNot).orElseGet(() -> query.unknown(name.name()));
                    return absence.notFound(GROUP, TYPE.resource(), name.name());
                });
    }

    @Override
    Optional<NodeKernelMetrics> measured(Version<Node> version, Moment moment) {
        return query.measured(version.subject(), moment.window(), moment.wanted())
                .map(answer -> object(version, answer, moment));
    }

    @Override
    NodeKernelMetrics gone(Version<Node> version, Moment moment) {
        NodeAnswer last = query.last(version.subject(), moment.window(), moment.wanted())
                .orElseGet(() -> new NodeAnswer(
                        new NodeState(Duration.ZERO, true, Duration.ZERO, 0, List.of()),
                        ContainerWindow.nothing(
                                Objects.requireNonNullElse(version.subject().created(), moment.now())
                                        .toEpochMilli())));
        return object(version, last, moment);
    }

    @Override
    Map<String, String> labels(Node node) {
        return node.labels();
    }

    @Override
    Map<String, String> fields(Node node) {
        return Map.of(ListOptions.NAME_FIELD, node.name());
    }

    private static NodeKernelMetrics object(Version<Node> version, NodeAnswer answer, Moment moment) {
        return NodeKernelMetrics.of(version.subject(), answer, Long.toString(version.revision()), moment.now());
    }
}
