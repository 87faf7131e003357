package io.kpod.summary.wire;

/**
 * Which container a ref stands for.
 *
 * @param startedUnixMillis wall clock at which its measurement began: its birth, or the agent's start if that was later
 */
public record ContainerIdentity(
        String namespace, String pod, String podUid, String container, String containerId, long startedUnixMillis) {}
