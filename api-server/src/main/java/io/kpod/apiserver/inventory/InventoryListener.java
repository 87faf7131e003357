package io.kpod.apiserver.inventory;

import org.jspecify.annotations.Nullable;

/** Told of what changes in an inventory, after it has changed. Called by the threads that write the inventory. */
public interface InventoryListener {
    /** A pod came (before is null), went (after is null) or is another. */
    void podChanged(@Nullable Pod before, @Nullable Pod after);

    /** The node of that name came, went or is another. */
    void nodeChanged(String name);

    /** A ReplicaSet or Job got another controller, or lost it. */
    void controllerChanged(Owner intermediate);

    /** What is said of a workload changed. */
    void workloadChanged(Owner owner);
}
