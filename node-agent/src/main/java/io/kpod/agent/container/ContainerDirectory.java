package io.kpod.agent.container;

import io.kpod.agent.container.Attribution.Excluded;
import io.kpod.agent.container.Attribution.Known;
import io.kpod.agent.container.Attribution.Unknown;

/** Knows whose the containers of this node are. Answers from memory, at once; safe for use by several threads. */
public interface ContainerDirectory {
    /** The container behind a cgroup: {@link Known}, {@link Excluded} by a filter, or {@link Unknown} so far. */
    Attribution find(CgroupOwner owner);

    /** Whether the first listing is in, so that an unknown container is really unknown. */
    boolean synced();

    /** What keeps it from knowing of new containers, for people; empty if nothing does. */
    String trouble();
}
