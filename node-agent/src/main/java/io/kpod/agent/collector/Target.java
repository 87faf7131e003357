package io.kpod.agent.collector;

import io.kpod.agent.container.CgroupOwner;
import io.kpod.agent.container.ContainerName;
import java.util.List;

/** What slow sources are read for. */
public sealed interface Target {
    /** Number in this run of the agent. */
    int ref();

    /** Its name; a pod's has no container. */
    ContainerName name();

    /**
     * A container.
     *
     * @param cgroup path of its group from the root of the v2 hierarchy; the same in every v1 hierarchy
     */
    record OfContainer(int ref, ContainerName name, CgroupOwner owner, String cgroup) implements Target {}

    /** A pod as a whole: what its containers share. */
    record OfPod(int ref, ContainerName name, List<OfContainer> containers) implements Target {}
}
