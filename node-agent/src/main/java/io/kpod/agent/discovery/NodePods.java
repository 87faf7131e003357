package io.kpod.agent.discovery;

import io.kpod.agent.container.Attribution;
import io.kpod.agent.container.CgroupOwner;
import io.kpod.agent.container.ContainerName;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The containers of this node's pods, by the ids in the pods' statuses.
 *
 * <p>A container may die, and its pod be deleted, before its cgroup's last counts are read: names stay known for
 * {@link #KEPT_AFTER_DELETION}. One thread tells it of pods; any may ask.
 */
final class NodePods {
    private static final Duration KEPT_AFTER_DELETION = Duration.ofMinutes(2);

    /** Of one pod; a container that restarts for ever gets a new id each time. */
    private static final int MOST_IDS_REMEMBERED = 64;

    private record Entry(String podUid, Attribution attribution) {}

    private final Map<String, Entry> byContainerId = new ConcurrentHashMap<>();

    /** Oldest first; used by the telling thread alone. */
    private final Map<String, LinkedHashSet<String>> idsByPodUid = new HashMap<>();

    private final Set<String> excludedPodUids = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> deletedPodNanos = new ConcurrentHashMap<>();
    private final Predicate<NodePod> admitted;

    /**
     * Knows no pod yet.
     *
     * @param admitted which pods are measured; asked again whenever a pod has changed
     */
    NodePods(Predicate<NodePod> admitted) {
        this.admitted = admitted;
    }

    /** Takes a pod as it is now. */
    void learn(NodePod pod) {
        var metadata = pod.getMetadata();
        boolean measured = admitted.test(pod);
        if (measured) {
            excludedPodUids.remove(metadata.getUid());
        } else {
            excludedPodUids.add(metadata.getUid());
        }
        LinkedHashSet<String> ids = idsByPodUid.computeIfAbsent(metadata.getUid(), uid -> new LinkedHashSet<>());
        for (NodePod.ContainerStatus container : pod.containers()) {
            container.eachId(id -> {
                Attribution attribution = measured
                        ? new Attribution.Known(new ContainerName(
                                metadata.getNamespace(), metadata.getName(), pod.apiUid(), container.name(), id))
                        : new Attribution.Excluded();
                byContainerId.put(id, new Entry(metadata.getUid(), attribution));
                ids.addLast(id);
            });
        }
        while (ids.size() > MOST_IDS_REMEMBERED) {
            byContainerId.remove(ids.removeFirst());
        }
    }

    /** The pod is gone from this node. */
    void delete(String podUid) {
        idsByPodUid.remove(podUid);
        deletedPodNanos.put(podUid, System.nanoTime());
    }

    /** All that were learnt of and not deleted are gone but these. */
    void retain(Set<String> podUids) {
        for (String uid : Set.copyOf(idsByPodUid.keySet())) {
            if (!podUids.contains(uid)) {
                delete(uid);
            }
        }
    }

    /** Whose a cgroup is, as far as pods say. */
    Attribution find(CgroupOwner owner) {
        forgetDeleted();
        return switch (owner) {
            case CgroupOwner.PodContainer(String podUid, String containerId) -> {
                Entry entry = byContainerId.get(containerId);
                if (entry != null) {
                    yield entry.attribution();
                }
                yield excludedPodUids.contains(podUid) ? new Attribution.Excluded() : new Attribution.Unknown();
            }
            case CgroupOwner.Container container -> new Attribution.Excluded();
            case CgroupOwner.Unit unit -> new Attribution.Excluded();
            case CgroupOwner.Host host -> new Attribution.Excluded();
            case CgroupOwner.Other other -> new Attribution.Excluded();
        };
    }

    private void forgetDeleted() {
        if (deletedPodNanos.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        Set<String> gone = new HashSet<>();
        deletedPodNanos.forEach((uid, since) -> {
            if (now - since > KEPT_AFTER_DELETION.toNanos()) {
                gone.add(uid);
            }
        });
        if (!gone.isEmpty()) {
            byContainerId.values().removeIf(entry -> gone.contains(entry.podUid()));
            excludedPodUids.removeAll(gone);
            deletedPodNanos.keySet().removeAll(gone);
        }
    }
}
