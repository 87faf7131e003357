package io.kpod.apiserver.inventory;

import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.SpokenPod;
import io.kpod.apiserver.window.WindowStore;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The inventory without a cluster: the pods are what the agents name. */
public final class StandAloneInventory implements Inventory {
    private static final String BARE_POD = "Pod";

    private final WindowStore store;

    /** @param store where the agents' words are kept */
    public StandAloneInventory(WindowStore store) {
        this.store = store;
    }

    @Override
    public Optional<Pod> pod(PodName name) {
        return store.pods().stream()
                .filter(spoken -> spoken.name().equals(name))
                .findFirst()
                .map(StandAloneInventory::pod);
    }

    @Override
    public Stream<Pod> pods(@Nullable String namespace, @Nullable PodName after) {
        return store.pods().stream()
                .filter(spoken -> namespace == null || spoken.name().namespace().equals(namespace))
                .filter(spoken -> after == null || spoken.name().compareTo(after) > 0)
                .sorted(Comparator.comparing(SpokenPod::name))
                .map(StandAloneInventory::pod);
    }

    @Override
    public List<Pod> podsOf(Owner owner) {
        return owner.kind().equals(BARE_POD)
                ? pod(new PodName(owner.namespace(), owner.name()))
                        .map(List::of)
                        .orElse(List.of())
                : List.of();
    }

    @Override
    public Owner workload(Pod pod) {
        return new Owner(BARE_POD, pod.name().namespace(), pod.name().name());
    }

    @Override
    public Optional<Service> service(String namespace, String name) {
        return Optional.empty();
    }

    @Override
    public Workload describe(Owner owner) {
        return pod(new PodName(owner.namespace(), owner.name()))
                .map(pod -> new Workload(owner, pod.uid(), pod.labels(), pod.created()))
                .orElseGet(() -> Workload.of(owner));
    }

    /** Nothing to tell: whoever listens takes the agents' words itself. */
    @Override
    public void listen(InventoryListener listener) {}

    @Override
    public Optional<Node> node(String name) {
        return store.node(name).map(state -> new Node(name, "", Map.of(), null));
    }

    @Override
    public Stream<Node> nodes(String after) {
        return store.nodes().stream()
                .filter(name -> name.compareTo(after) > 0)
                .sorted()
                .map(name -> new Node(name, "", Map.of(), null));
    }

    @Override
    public boolean synced() {
        return true;
    }

    private static Pod pod(SpokenPod spoken) {
        return new Pod(
                spoken.name(),
                spoken.uid(),
                Map.of(),
                Instant.ofEpochMilli(spoken.startedUnixMillis()),
                spoken.node(),
                "",
                false,
                null);
    }
}
