package io.kpod.agent.container;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads cgroup paths as container runtimes and the kubelet make them.
 *
 * <pre>
 * systemd driver   /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0b1c_….slice/cri-containerd-ID.scope
 * cgroupfs driver  /kubepods/burstable/pod0b1c-…/ID
 * CRI-O            crio-ID.scope (crio-conmon-ID.scope is its monitor, not a container)
 * Docker           /system.slice/docker-ID.scope, /docker/ID
 * containerd with a systemd name on cgroupfs   …/kubepods-pod0b1c_….slice:cri-containerd:ID
 * </pre>
 *
 * QoS class and anything above the pod's group (a node that is itself a container) do not matter. The kernel program
 * gives a
 * slot to the outermost group that is a container; groups nested in it count towards it and have no path of their own
 * here.
 */
public final class CgroupPath {
    private static final Pattern CONTAINER_LEAF = Pattern.compile(
            "(?:.*[:/])?(?:(?:cri-containerd|crio|docker|libpod|nerdctl)[-:])?([0-9a-f]{64})(?:\\.scope)?");
    private static final Pattern POD = Pattern.compile(
            "(?:^|[-/])pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?=[./:]|$)");
    private static final Pattern MONITOR = Pattern.compile("((?:crio|libpod)-conmon)-[0-9a-f]{64}\\.scope");
    private static final Pattern UNIT_LEAF = Pattern.compile(".+\\.(?:service|scope)");

    private CgroupPath() {}

    /** Whose group {@code path} is; absolute within the cgroup2 hierarchy. */
    public static CgroupOwner parse(String path) {
        if (path.equals("/")) {
            return new CgroupOwner.Host();
        }
        int slash = path.lastIndexOf('/');
        String leaf = path.substring(slash + 1);
        Matcher container = CONTAINER_LEAF.matcher(leaf);
        if (container.matches()) {
            String id = container.group(1);
            String podUid = podUid(path);
            return podUid == null ? new CgroupOwner.Container(id) : new CgroupOwner.PodContainer(podUid, id);
        }
        return UNIT_LEAF.matcher(leaf).matches() && !leaf.startsWith("crio-conmon-")
                ? new CgroupOwner.Unit(leaf)
                : new CgroupOwner.Other(path);
    }

    /** The outermost systemd unit that a path is in, a container's monitor without the id; the path itself if it is in none. */
    public static String service(String path) {
        for (String group : path.split("/")) {
            if (UNIT_LEAF.matcher(group).matches()) {
                Matcher monitor = MONITOR.matcher(group);
                return monitor.matches() ? monitor.group(1) : group;
            }
        }
        return path;
    }

    /** The innermost pod of the path: where nodes are containers themselves, the outer one is the node's. */
    private static @org.jspecify.annotations.Nullable String podUid(String path) {
        String found = null;
        Matcher pod = POD.matcher(path);
        while (pod.find()) {
            found = pod.group(1).replace('_', '-');
        }
        return found;
    }
}
