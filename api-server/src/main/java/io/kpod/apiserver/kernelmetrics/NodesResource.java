package io.kpod.apiserver.kernelmetrics;

import io.javalin.config.RoutesConfig;
import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.Node;
import io.kpod.apiserver.query.Absence;
import io.kpod.apiserver.query.NodeQuery;
import io.kpod.apiserver.table.ListMeta;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.WindowStore;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code /apis/kernelmetrics.kpod.io/v1beta1/nodes}. */
public final class NodesResource extends KernelMetricsResource<Node, NodeKernelMetrics> {
    static final String RESOURCE = "nodes";

    private final Inventory inventory;
    private final NodeQuery query;

    /** @param wallClock for timestamps, which are for people */
    public NodesResource(Inventory inventory, WindowStore store, InstantSource wallClock) {
        super(RESOURCE, NodeColumns.COLUMNS, List.of(ListOptions.NAME_FIELD), store, wallClock);
        this.inventory = inventory;
        this.query = new NodeQuery(inventory, store);
    }

    @Override
    public void routes(RoutesConfig routes) {
        routes.get(BASE + "/" + RESOURCE, context -> list(context, null));
        routes.get(
                BASE + "/" + RESOURCE + "/{name}", context -> get(context, new PodName("", context.pathParam("name"))));
    }

    @Override
    NodeKernelMetrics one(PodName name, Moment moment) {
        Optional<Node> node = inventory.node(name.name());
        return node.flatMap(found -> measured(found, moment)).orElseThrow(() -> {
            Absence absence = node.map(query::whyNot).orElseGet(() -> query.unknown(name.name()));
            return absence.notFound(GROUP, RESOURCE, name.name());
        });
    }

    @Override
    Optional<NodeKernelMetrics> measured(Node node, Moment moment) {
        return query.measured(node, moment.window(), metric -> true)
                .map(window -> NodeKernelMetrics.of(node, window, moment.revision(), moment.now()));
    }

    @Override
    Stream<Node> candidates(@Nullable String namespace, ListOptions options) {
        return inventory.nodes(options.after() == null ? "" : options.after().name());
    }

    @Override
    boolean selected(Node node, ListOptions options) {
        return options.labels().matches(node.labels())
                && options.fields().matches(Map.of(ListOptions.NAME_FIELD, node.name()));
    }

    @Override
    Object list(ListMeta metadata, List<NodeKernelMetrics> items) {
        return NodeKernelMetricsList.of(metadata, items);
    }
}
