package io.kpod.apiserver.inventory;

import io.kpod.apiserver.window.PodName;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The cluster's pods, who controls whom, and the nodes. Written by the informers' one thread each, read by all. */
final class PodTable implements Inventory {
    private static final String BARE_POD = "Pod";

    private final NavigableMap<PodName, Pod> pods = new ConcurrentSkipListMap<>();
    private final NavigableMap<String, Node> nodes = new ConcurrentSkipListMap<>();
    /** Pods by their direct controller. */
    private final Map<Owner, Set<PodName>> controlled = new ConcurrentHashMap<>();
    /** Services by namespace and name. */
    private final Map<PodName, Service> services = new ConcurrentHashMap<>();
    /** Controllers of ReplicaSets and Jobs. */
    private final Map<Owner, Owner> controllers = new ConcurrentHashMap<>();
    /** The other way round. */
    private final Map<Owner, Set<Owner>> intermediates = new ConcurrentHashMap<>();

    private final Map<Owner, Workload> workloads = new ConcurrentHashMap<>();
    private volatile @Nullable InventoryListener listener;

    void put(Pod pod) {
        Pod before = pods.put(pod.name(), pod);
        if (before != null
                && before.controller() != null
                && !before.controller().equals(pod.controller())) {
            remove(controlled, before.controller(), pod.name());
        }
        if (pod.controller() != null) {
            add(controlled, pod.controller(), pod.name());
        }
        tell(told -> told.podChanged(before, pod));
    }

    /** Removes the pod unless another of that name has taken its place. */
    void remove(PodName name, String uid) {
        Pod before = pods.get(name);
        if (before != null && before.uid().equals(uid)) {
            pods.remove(name);
            if (before.controller() != null) {
                remove(controlled, before.controller(), name);
            }
            tell(told -> told.podChanged(before, null));
        }
    }

    /** Says who controls a ReplicaSet or Job; null: nobody. */
    void putController(Owner intermediate, @Nullable Owner controller) {
        Owner before =
                controller == null ? controllers.remove(intermediate) : controllers.put(intermediate, controller);
        if (before != null && !before.equals(controller)) {
            remove(intermediates, before, intermediate);
        }
        if (controller != null) {
            add(intermediates, controller, intermediate);
        }
        if (!Objects.equals(before, controller)) {
            tell(told -> told.controllerChanged(intermediate));
        }
    }

    /** Says what a workload is like. */
    void put(Workload workload) {
        workloads.put(workload.owner(), workload);
        tell(told -> told.workloadChanged(workload.owner()));
    }

    void removeWorkload(Owner owner) {
        if (workloads.remove(owner) != null) {
            tell(told -> told.workloadChanged(owner));
        }
    }

    void put(Node node) {
        nodes.put(node.name(), node);
        tell(told -> told.nodeChanged(node.name()));
    }

    void removeNode(String name) {
        nodes.remove(name);
        tell(told -> told.nodeChanged(name));
    }

    @Override
    public void listen(InventoryListener told) {
        listener = told;
    }

    @Override
    public Workload describe(Owner owner) {
        if (owner.kind().equals(BARE_POD)) {
            Pod pod = pods.get(new PodName(owner.namespace(), owner.name()));
            if (pod != null) {
                return new Workload(owner, pod.uid(), pod.labels(), pod.created());
            }
        }
        return Objects.requireNonNullElseGet(workloads.get(owner), () -> Workload.of(owner));
    }

    private void tell(Consumer<InventoryListener> change) {
        InventoryListener told = listener;
        if (told != null) {
            change.accept(told);
        }
    }

    void put(Service service) {
        services.put(new PodName(service.namespace(), service.name()), service);
    }

    void removeService(String namespace, String name) {
        services.remove(new PodName(namespace, name));
    }

    @Override
    public Optional<Service> service(String namespace, String name) {
        return Optional.ofNullable(services.get(new PodName(namespace, name)));
    }

    @Override
    public Optional<Node> node(String name) {
        return Optional.ofNullable(nodes.get(name));
    }

    @Override
    public Stream<Node> nodes(String after) {
        return nodes.tailMap(after, false).values().stream();
    }

    @Override
    public Optional<Pod> pod(PodName name) {
        return Optional.ofNullable(pods.get(name));
    }

    @Override
    public Stream<Pod> pods(@Nullable String namespace, @Nullable PodName after) {
        NavigableMap<PodName, Pod> from = pods;
        PodName first = namespace == null ? null : new PodName(namespace, "");
        if (after != null && (first == null || after.compareTo(first) > 0)) {
            from = pods.tailMap(after, false);
        } else if (first != null) {
            from = pods.tailMap(first, true);
        }
        Stream<Pod> all = from.values().stream();
        return namespace == null
                ? all
                : all.takeWhile(pod -> pod.name().namespace().equals(namespace));
    }

    @Override
    public List<Pod> podsOf(Owner owner) {
        if (owner.kind().equals(BARE_POD)) {
            return pod(new PodName(owner.namespace(), owner.name()))
                    .filter(pod -> pod.controller() == null)
                    .map(List::of)
                    .orElse(List.of());
        }
        Stream<Owner> direct = Stream.concat(Stream.of(owner), intermediates.getOrDefault(owner, Set.of()).stream());
        return direct.flatMap(controller -> controlled.getOrDefault(controller, Set.of()).stream())
                .distinct()
                .sorted()
                .flatMap(name -> pod(name).stream())
                .toList();
    }

    @Override
    public Owner workload(Pod pod) {
        if (pod.controller() == null) {
            return new Owner(BARE_POD, pod.name().namespace(), pod.name().name());
        }
        return controllers.getOrDefault(pod.controller(), pod.controller());
    }

    @Override
    public boolean synced() {
        return true;
    }

    private static <K, V> void add(Map<K, Set<V>> index, K key, V value) {
        index.compute(key, (k, values) -> {
            Set<V> set = values == null ? ConcurrentHashMap.newKeySet() : values;
            set.add(value);
            return set;
        });
    }

    private static <K, V> void remove(Map<K, Set<V>> index, K key, V value) {
        index.computeIfPresent(key, (k, values) -> {
            values.remove(value);
            return values.isEmpty() ? null : values;
        });
    }
}
