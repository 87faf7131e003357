package io.kpod.agent.collector.filesystem;

/**
 * A filesystem, and the pod it is counted for.
 *
 * @param pod its uid, or what stands for it outside pods
 */
record Volume(String pod, long device) {}
