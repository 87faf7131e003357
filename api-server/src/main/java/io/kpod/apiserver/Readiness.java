package io.kpod.apiserver;

import io.kpod.apiserver.health.HealthCheck;
import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.KubernetesInventory;
import io.kpod.apiserver.inventory.Node;
import io.kpod.apiserver.window.WindowStore;
import java.util.List;
import java.util.Optional;

/** What must have happened before this replica is asked for data. */
final class Readiness {
    private static final String HEARD = "heard-from-nodes";
    /** Nodes without a running agent must not keep a replica out for ever, so not all are waited for. */
    private static final double ENOUGH = 0.9;

    private Readiness() {}

    static HealthCheck synced(Inventory inventory) {
        return HealthCheck.unless(
                "informer-sync",
                () -> inventory.synced()
                        ? Optional.empty()
                        : Optional.of("the cluster's pods have not been listed yet"));
    }

    static HealthCheck heardFromSomeNode(WindowStore store) {
        return HealthCheck.unless(
                HEARD, () -> store.freshNodes() > 0 ? Optional.empty() : Optional.of("no agent has pushed yet"));
    }

    static HealthCheck heardFromNodes(WindowStore store, KubernetesInventory inventory) {
        return HealthCheck.unless(HEARD, () -> {
            List<String> nodes = inventory.nodes("").map(Node::name).toList();
            List<String> silent =
                    nodes.stream().filter(node -> store.node(node).isEmpty()).toList();
            boolean enough = !nodes.isEmpty() && nodes.size() - silent.size() >= ENOUGH * nodes.size();
            return enough
                    ? Optional.empty()
                    : Optional.of("heard from " + (nodes.size() - silent.size()) + " of " + nodes.size() + " nodes"
                            + (silent.isEmpty() ? "" : "; first silent one " + silent.getFirst()));
        });
    }
}
