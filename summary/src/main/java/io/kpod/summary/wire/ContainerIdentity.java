package io.kpod.summary.wire;

/**
 * Which container a ref stands for.
 *
 * @param namespace empty, as is {@code pod}: the rest of the node, what none of its containers shows
 * @param container empty: the pod itself, whose series no container has for itself alone, or the rest of the node
 * @param startedUnixMillis wall clock at which its measurement began: its birth, or the agent's start if that was later
 */
public record ContainerIdentity(
        String namespace, String pod, String podUid, String container, String containerId, long startedUnixMillis) {
    /** It is no container of a pod, nor a pod: what its node has beside them. */
    public boolean isRestOfNode() {
        return pod.isEmpty();
    }
}
