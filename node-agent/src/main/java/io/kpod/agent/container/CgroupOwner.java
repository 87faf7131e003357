package io.kpod.agent.container;

/** What a cgroup's path says of whose it is. */
public sealed interface CgroupOwner {
    /**
     * A container of a pod.
     *
     * @param podUid as the API writes it, with hyphens (a static pod's is the 32 digits of its file's hash)
     * @param containerId 64 hexadecimal digits
     */
    record PodContainer(String podUid, String containerId) implements CgroupOwner {}

    /** A container outside any pod. */
    record Container(String containerId) implements CgroupOwner {}

    /** A systemd unit: a service or a scope. */
    record Unit(String name) implements CgroupOwner {}

    /** The root of the hierarchy: tasks of the machine that are in no group. */
    record Host() implements CgroupOwner {}

    /** Neither: a slice, a container runtime's monitor, a group that somebody made. */
    record Other(String path) implements CgroupOwner {}
}
