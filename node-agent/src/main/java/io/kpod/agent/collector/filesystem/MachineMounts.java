package io.kpod.agent.collector.filesystem;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The mounts of the agent's own namespace and of the machine's, sorted by what they are. */
final class MachineMounts {
    /** Volumes that hold what the kubelet wrote. */
    private static final Set<String> WRITTEN_BY_KUBELET = Set.of("projected", "secret", "configmap", "downward-api");

    private final Map<Long, String> reachable = new HashMap<>();
    private final Set<Volume> volumes = new HashSet<>();
    private final Set<Long> ofPods = new HashSet<>();
    private final Set<Long> writtenByKubelet = new HashSet<>();
    private final Map<Long, Mount> own = new LinkedHashMap<>();

    /**
     * Sorts them.
     *
     * @param ofAgent those that the agent sees
     * @param ofHost those that the machine's first process sees
     */
    MachineMounts(List<Mount> ofAgent, List<Mount> ofHost) {
        for (Mount mount : seen(ofAgent)) {
            if (WRITTEN_BY_KUBELET.contains(mount.plugin())) {
                writtenByKubelet.add(mount.device());
            } else if (mount.whole() && !mount.plugin().isEmpty()) {
                volumes.add(new Volume(mount.podUid(), mount.device()));
                ofPods.add(mount.device());
            }
            reachable.putIfAbsent(mount.device(), mount.mountPoint());
        }
        for (Mount mount : seen(ofHost)) {
            if (WRITTEN_BY_KUBELET.contains(mount.plugin())) {
                writtenByKubelet.add(mount.device());
            } else if (mount.whole() && mount.plugin().isEmpty()) {
                own.putIfAbsent(mount.device(), mount);
            }
        }
    }

    /** Those that no later mount hides, of {@code mounts} in the order in which they were made. */
    static Collection<Mount> seen(List<Mount> mounts) {
        Map<String, Mount> byMountPoint = new LinkedHashMap<>();
        for (Mount mount : mounts) {
            byMountPoint.put(mount.mountPoint(), mount);
        }
        return byMountPoint.values();
    }

    /** Whether the kubelet's directory of pods is among them. */
    static boolean haveKubelet(List<Mount> mounts) {
        return mounts.stream()
                .anyMatch(mount ->
                        mount.mountPoint().endsWith("/pods") || !mount.plugin().isEmpty());
    }

    /** A directory of the filesystem that the agent reaches; null: there is none. */
    @Nullable
    String path(long device) {
        return reachable.get(device);
    }

    /** Whether the kubelet mounted it for that pod. */
    boolean isVolume(Volume volume) {
        return volumes.contains(volume);
    }

    /** Whether it is a volume of any pod, or one of the machine's own filesystems. */
    boolean has(long device) {
        return ofPods.contains(device) || own.containsKey(device);
    }

    /** Whether it is a volume that holds what the kubelet wrote. */
    boolean isWrittenByKubelet(long device) {
        return writtenByKubelet.contains(device);
    }

    /** Whole filesystems that are no pod's volumes, by device. */
    Map<Long, Mount> own() {
        return own;
    }
}
