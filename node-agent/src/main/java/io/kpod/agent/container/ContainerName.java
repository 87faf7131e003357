package io.kpod.agent.container;

/**
 * A container as people name it.
 *
 * @param podUid empty where pods have none (stand-alone)
 */
public record ContainerName(String namespace, String pod, String podUid, String container, String containerId) {}
