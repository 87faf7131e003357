package io.kpod.apiserver.inventory;

import io.kpod.apiserver.window.PodName;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which pods there are. Every answer is given at once, from memory. */
public interface Inventory {
    /** The pod of that name. */
    Optional<Pod> pod(PodName name);

    /**
     * All pods in the order of namespace and name.
     *
     * @param namespace null: of all namespaces
     * @param after the pods behind this one; null: from the first
     */
    Stream<Pod> pods(@Nullable String namespace, @Nullable PodName after);

    /** The pods that {@code owner} controls, itself or through a ReplicaSet or Job; empty if there are none. */
    List<Pod> podsOf(Owner owner);

    /**
     * The top controller of a pod: the Deployment of its ReplicaSet, the CronJob of its Job, its controller; else the
     * pod itself.
     */
    Owner workload(Pod pod);

    /** The Service of that name. */
    Optional<Service> service(String namespace, String name);

    /** What is known of a workload, a bare pod among them. */
    Workload describe(Owner owner);

    /** Tells {@code listener} of every change from now on; there is one listener. */
    void listen(InventoryListener listener);

    /** The node of that name. */
    Optional<Node> node(String name);

    /**
     * All nodes by name.
     *
     * @param after the nodes behind this one; empty: from the first
     */
    Stream<Node> nodes(String after);

    /** Whether the lists of pods and nodes have been read once. */
    boolean synced();
}
