package io.kpod.apiserver.inventory;

import io.kpod.apiserver.window.PodName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The real table of pods, filled by hand. */
public final class FakeCluster implements Inventory {
    private final PodTable table = new PodTable();
    private boolean synced = true;

    /** Adds a bare pod. */
    public FakeCluster pod(String namespace, String name, String uid, String node, Map<String, String> labels) {
        return pod(namespace, name, uid, node, "Running", labels, null);
    }

    /** Adds a pod. */
    public FakeCluster pod(
            String namespace,
            String name,
            String uid,
            String node,
            String phase,
            Map<String, String> labels,
            @Nullable Owner controller) {
        table.put(new Pod(
                new PodName(namespace, name),
                uid,
                labels,
                Instant.parse("2026-11-24T12:00:00Z"),
                node,
                phase,
                phase.equals("Running"),
                controller));
        return this;
    }

    /** Adds a node. */
    public FakeCluster node(String name, Map<String, String> labels) {
        table.put(new Node(name, "uid-" + name, labels, Instant.parse("2026-11-24T12:00:00Z")));
        return this;
    }

    /** Adds a pod of a certain age. */
    public FakeCluster born(String namespace, String name, String uid, String node, Instant created) {
        table.put(new Pod(new PodName(namespace, name), uid, Map.of(), created, node, "Running", true, null));
        return this;
    }

    /** Adds a Service. */
    public FakeCluster service(String namespace, String name, Map<String, String> selector) {
        table.put(new Service(namespace, name, selector));
        return this;
    }

    /** Adds a pod that runs and is not ready. */
    public FakeCluster unready(String namespace, String name, String uid, String node, Map<String, String> labels) {
        table.put(new Pod(
                new PodName(namespace, name),
                uid,
                labels,
                Instant.parse("2026-11-24T12:00:00Z"),
                node,
                "Running",
                false,
                null));
        return this;
    }

    /** Says who controls a ReplicaSet or Job. */
    public FakeCluster controller(Owner intermediate, Owner controller) {
        table.putController(intermediate, controller);
        return this;
    }

    /** Says what a workload is like. */
    public FakeCluster workload(Owner owner, String uid, Map<String, String> labels) {
        table.put(new Workload(owner, uid, labels, Instant.parse("2026-11-24T11:00:00Z")));
        return this;
    }

    /** Removes a pod. */
    public void remove(String namespace, String name, String uid) {
        table.remove(new PodName(namespace, name), uid);
    }

    /** Whether the pods have been listed. */
    public void synced(boolean now) {
        synced = now;
    }

    @Override
    public Optional<Pod> pod(PodName name) {
        return table.pod(name);
    }

    @Override
    public Stream<Pod> pods(@Nullable String namespace, @Nullable PodName after) {
        return table.pods(namespace, after);
    }

    @Override
    public List<Pod> podsOf(Owner owner) {
        return table.podsOf(owner);
    }

    @Override
    public Owner workload(Pod pod) {
        return table.workload(pod);
    }

    @Override
    public Optional<Service> service(String namespace, String name) {
        return table.service(namespace, name);
    }

    @Override
    public Workload describe(Owner owner) {
        return table.describe(owner);
    }

    @Override
    public void listen(InventoryListener listener) {
        table.listen(listener);
    }

    @Override
    public Optional<Node> node(String name) {
        return table.node(name);
    }

    @Override
    public Stream<Node> nodes(String after) {
        return table.nodes(after);
    }

    @Override
    public boolean synced() {
        return synced;
    }
}
