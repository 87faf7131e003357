package io.kpod.apiserver.inventory;

import com.github.benmanes.caffeine.cache.Interner;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ReducedStateItemStore;
import io.kpod.apiserver.status.Causes;
import io.kpod.apiserver.window.Admission;
import io.kpod.apiserver.window.PodName;
import io.kpod.summary.wire.ContainerIdentity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster's pods, followed by informers whose own caches keep names only; ReplicaSets and Jobs for the owners,
 * Services for their selectors, Deployments, StatefulSets, DaemonSets and CronJobs for their labels, Nodes for theirs and for
 * coverage. While the Kubernetes API is out of reach the known pods go on.
 */
public final class KubernetesInventory implements Inventory, Admission, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("inventory");
    private static final SlimPod.Condition READY = new SlimPod.Condition("Ready", "True");
    private static final long PAGE = 500;
    /**
     * Direct looks at the API for pods that the informer has not shown yet, at once; beyond it a pod is taken unseen,
     * and not served until seen.
     */
    private static final int LOOKS_AT_ONCE = 8;

    /** Alike in all pods of a workload, of which there are many. */
    private final Interner<Map<String, String>> labelSets = Interner.newWeakInterner();

    private final Interner<Owner> owners = Interner.newWeakInterner();
    private final Interner<String> names = Interner.newWeakInterner();
    private final KubernetesClient client;
    private final PodTable table = new PodTable();
    private final List<SharedIndexInformer<?>> informers = new ArrayList<>();
    /** Those without which nothing can be answered; the others tell labels of workloads. */
    private final List<SharedIndexInformer<?>> needed = new ArrayList<>();

    private final Semaphore looks = new Semaphore(LOOKS_AT_ONCE);

    /** @param client stays the caller's to close */
    public KubernetesInventory(KubernetesClient client) {
        this.client = client;
    }

    /** Starts to follow the cluster; returns at once. */
    public void start() {
        need(
                SlimPod.class,
                pod -> table.put(pod(pod)),
                pod -> table.remove(name(pod), pod.getMetadata().getUid()));
        need(SlimReplicaSet.class, this::putController, this::removeController);
        need(SlimJob.class, this::putController, this::removeController);
        need(
                SlimNode.class,
                node -> table.put(node(node)),
                node -> table.removeNode(node.getMetadata().getName()));
        follow(
                SlimService.class,
                service -> table.put(service(service)),
                service -> table.removeService(
                        service.getMetadata().getNamespace(),
                        service.getMetadata().getName()));
        follow(SlimDeployment.class, this::putWorkload, this::removeWorkload);
        follow(SlimStatefulSet.class, this::putWorkload, this::removeWorkload);
        follow(SlimDaemonSet.class, this::putWorkload, this::removeWorkload);
        follow(SlimCronJob.class, this::putWorkload, this::removeWorkload);
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
    public Workload describe(Owner owner) {
        return table.describe(owner);
    }

    @Override
    public void listen(InventoryListener listener) {
        table.listen(listener);
    }

    @Override
    public boolean synced() {
        return !needed.isEmpty() && needed.stream().allMatch(SharedIndexInformer::hasSynced);
    }

    @Override
    public Optional<Service> service(String namespace, String name) {
        return table.service(namespace, name);
    }

    @Override
    public Optional<Node> node(String name) {
        return table.node(name);
    }

    @Override
    public Stream<Node> nodes(String after) {
        return table.nodes(after);
    }

    /**
     * A pod is refused only if the API itself says that it is on another node: the informer may lag behind a birth or
     * a move. What the cluster doesn't know, or no longer, is taken; it is not served, because only pods of the
     * inventory are, each from its own node.
     */
    @Override
    public Optional<String> refusal(String node, ContainerIdentity identity, boolean ended) {
        PodName name = new PodName(identity.namespace(), identity.pod());
        Optional<Pod> seen = table.pod(name);
        if (!synced() || (seen.isPresent() && confirms(seen.get(), node, identity))) {
            return Optional.empty();
        }
        Optional<Pod> now = look(name);
        if (now.isEmpty()
                || now.get().node().equals(node)
                || (ended && !now.get().uid().equals(identity.podUid()))) {
            return Optional.empty();
        }
        String place = now.get().node().isEmpty()
                ? "not scheduled yet"
                : "on node " + now.get().node();
        return Optional.of("node " + node + " speaks for pod " + name + ", which is " + place);
    }

    @Override
    public void close() {
        informers.forEach(SharedIndexInformer::stop);
    }

    private static boolean confirms(Pod pod, String node, ContainerIdentity identity) {
        return pod.node().equals(node)
                && (identity.podUid().isEmpty() || pod.uid().equals(identity.podUid()));
    }

    private Optional<Pod> look(PodName name) {
        if (!looks.tryAcquire()) {
            return Optional.empty();
        }
        try {
            SlimPod found = client.resources(SlimPod.class)
                    .inNamespace(name.namespace())
                    .withName(name.name())
                    .get();
            return Optional.ofNullable(found).map(this::pod);
        } catch (KubernetesClientException e) {
            log.debug("a look at pod {} failed, it is taken unseen", name, e);
            return Optional.empty();
        } finally {
            looks.release();
        }
    }

    private <T extends HasMetadata> void need(Class<T> type, Consumer<T> put, Consumer<T> remove) {
        needed.add(follow(type, put, remove));
    }

    private <T extends HasMetadata> SharedIndexInformer<T> follow(Class<T> type, Consumer<T> put, Consumer<T> remove) {
        String plural = HasMetadata.getPlural(type);
        AtomicBoolean failed = new AtomicBoolean();
        SharedIndexInformer<T> informer = client.resources(type)
                .inAnyNamespace()
                .withLimit(PAGE)
                .runnableInformer(0)
                .removeNamespaceIndex()
                .itemStore(new ReducedStateItemStore<>(
                        ReducedStateItemStore.NAME_KEY_STATE,
                        type,
                        client.getKubernetesSerialization(),
                        "metadata.uid"))
                .addEventHandler(new ResourceEventHandler<T>() {
                    @Override
                    public void onAdd(T resource) {
                        put.accept(resource);
                    }

                    @Override
                    public void onUpdate(T before, T resource) {
                        put.accept(resource);
                    }

                    @Override
                    public void onDelete(T resource, boolean lastStateUnknown) {
                        remove.accept(resource);
                    }
                })
                .exceptionHandler((started, problem) -> {
                    if (failed.compareAndSet(false, true)) {
                        log.warn("can't follow {}, trying again: {}", plural, Causes.of(problem));
                    } else {
                        log.debug("can't follow {}, trying again", plural, problem);
                    }
                    return true;
                });
        informers.add(informer);
        informer.start();
        return informer;
    }

    /** A ReplicaSet or Job is a workload itself if nobody controls it. */
    private void putController(HasMetadata intermediate) {
        Owner controller = controller(intermediate);
        if (controller == null) {
            putWorkload(intermediate);
        } else {
            removeWorkload(intermediate);
        }
        table.putController(owner(intermediate), controller);
    }

    private void removeController(HasMetadata intermediate) {
        table.putController(owner(intermediate), null);
        removeWorkload(intermediate);
    }

    private void putWorkload(HasMetadata top) {
        Map<String, String> labels = top.getMetadata().getLabels();
        String created = top.getMetadata().getCreationTimestamp();
        table.put(new Workload(
                owner(top),
                top.getMetadata().getUid(),
                labels == null ? Map.of() : labels,
                created == null ? null : Instant.parse(created)));
    }

    private void removeWorkload(HasMetadata top) {
        table.removeWorkload(owner(top));
    }

    /** A pod of which as much as possible is what other pods have already. */
    private Pod pod(SlimPod slim) {
        Map<String, String> labels = slim.getMetadata().getLabels();
        String created = slim.getMetadata().getCreationTimestamp();
        String node = slim.getSpec().nodeName();
        String phase = slim.getStatus().phase();
        Owner controller = controller(slim);
        return new Pod(
                new PodName(
                        names.intern(slim.getMetadata().getNamespace()),
                        slim.getMetadata().getName()),
                slim.getMetadata().getUid(),
                labels == null ? Map.of() : labelSets.intern(Map.copyOf(labels)),
                created == null ? null : Instant.parse(created),
                node == null ? "" : names.intern(node),
                phase == null ? "" : names.intern(phase),
                ready(slim),
                controller == null ? null : owners.intern(controller));
    }

    private static boolean ready(SlimPod slim) {
        List<SlimPod.Condition> conditions = slim.getStatus().conditions();
        return "Running".equals(slim.getStatus().phase())
                && slim.getMetadata().getDeletionTimestamp() == null
                && conditions != null
                && conditions.contains(READY);
    }

    private static Service service(SlimService slim) {
        Map<String, String> selector = slim.getSpec().selector();
        return new Service(
                slim.getMetadata().getNamespace(),
                slim.getMetadata().getName(),
                selector == null ? Map.of() : selector);
    }

    private static Node node(SlimNode slim) {
        Map<String, String> labels = slim.getMetadata().getLabels();
        String created = slim.getMetadata().getCreationTimestamp();
        return new Node(
                slim.getMetadata().getName(),
                slim.getMetadata().getUid(),
                labels == null ? Map.of() : labels,
                created == null ? null : Instant.parse(created));
    }

    private static PodName name(HasMetadata resource) {
        return new PodName(
                resource.getMetadata().getNamespace(), resource.getMetadata().getName());
    }

    private static Owner owner(HasMetadata resource) {
        return new Owner(
                resource.getKind(),
                resource.getMetadata().getNamespace(),
                resource.getMetadata().getName());
    }

    private static @Nullable Owner controller(HasMetadata resource) {
        for (OwnerReference reference : resource.getMetadata().getOwnerReferences()) {
            if (Boolean.TRUE.equals(reference.getController())) {
                return new Owner(reference.getKind(), resource.getMetadata().getNamespace(), reference.getName());
            }
        }
        return null;
    }
}
