package io.kpod.summary.wire;

/**
 * Which container a ref stands for; or which pod as a whole, whose container is empty; or the rest of the node, what was
 * counted for no container that is named: that has no name at all.
 *
 * @param startedUnixMillis wall clock at which its measurement began: its birth, or the agent's start if that was later
 */
public record ContainerIdentity(
        String namespace, String pod, String podUid, String container, String containerId, long startedUnixMillis) {
    /** Whether it is the rest of the node. */
    public boolean isRest() {
        return namespace.isEmpty() && pod.isEmpty() && container.isEmpty();
    }

    /** Whether it is a pod as a whole: what its containers share. */
    public boolean isPod() {
        return !pod.isEmpty() && container.isEmpty();
    }
}
