package io.kpod.agent.container;

/**
 * A container as people name it.
 *
 * @param podUid empty where pods have none (stand-alone)
 * @param container empty: the pod as a whole
 */
public record ContainerName(String namespace, String pod, String podUid, String container, String containerId) {
    /** The name of its pod as a whole: no container. */
    public ContainerName ofPod() {
        return new ContainerName(namespace, pod, podUid, "", "");
    }

    /** The name alone: the same for a container that was restarted, or whose pod was made anew under its name. */
    public ContainerName withoutIncarnation() {
        return new ContainerName(namespace, pod, "", container, "");
    }
}
