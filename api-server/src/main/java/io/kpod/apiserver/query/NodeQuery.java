package io.kpod.apiserver.query;

import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.Node;
import io.kpod.apiserver.quantity.HumanText;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.NodeState;
import io.kpod.apiserver.window.WindowStore;
import io.kpod.summary.Metric;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** Asks the window about whole nodes. */
public final class NodeQuery {
    private final Inventory inventory;
    private final WindowStore store;

    /** Asks {@code store} about nodes of {@code inventory}. */
    public NodeQuery(Inventory inventory, WindowStore store) {
        this.inventory = inventory;
        this.store = store;
    }

    /** What is known of a node. */
    public record NodeAnswer(NodeState state, ContainerWindow total) {}

    /** The node over the window; empty if nothing is known of it or what is known is stale. */
    public Optional<NodeAnswer> measured(Node node, Duration window, Predicate<Metric> wanted) {
        return last(node, window, wanted).filter(answer -> !answer.state().stale());
    }

    /** The same of one that may be gone, or stale. */
    public Optional<NodeAnswer> last(Node node, Duration window, Predicate<Metric> wanted) {
        return store.node(node.name())
                .flatMap(state ->
                        store.nodeTotal(node.name(), window, wanted).map(total -> new NodeAnswer(state, total)));
    }

    /** Why there is nothing to say about a node. */
    public Absence whyNot(Node node) {
        Optional<NodeState> state = store.node(node.name());
        if (state.isEmpty()) {
            return new Absence(
                    Absence.Reason.NO_AGENT_ON_NODE,
                    "no agent has been heard from it since this server started " + HumanText.age(store.uptime())
                            + " ago");
        }
        String heard = "its agent was last heard " + HumanText.age(state.get().age()) + " ago";
        return state.get().stale()
                ? new Absence(Absence.Reason.AGENT_SILENT, heard)
                : new Absence(Absence.Reason.NOTHING_MEASURED, heard + " and had nothing to tell");
    }

    /** Why there is nothing to say about a name that is no node's. */
    public Absence unknown(String name) {
        return inventory.synced()
                ? new Absence(Absence.Reason.NODE_UNKNOWN, "there is no node " + name)
                : new Absence(
                        Absence.Reason.NODES_NOT_LISTED_YET,
                        "this server has not listed the cluster's nodes yet; ask again in a moment");
    }
}
