package io.kpod.apiserver.window;

/**
 * A pod as an agent names it.
 *
 * @param startedUnixMillis when the measurement of its first container that is still known began
 */
public record SpokenPod(String node, PodName name, String uid, long startedUnixMillis) {}
