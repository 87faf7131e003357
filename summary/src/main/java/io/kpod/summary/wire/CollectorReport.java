package io.kpod.summary.wire;

/**
 * What a collector of the node runs on, or why it is off.
 *
 * @param reason the kernel hook when running, else what is missing
 */
public record CollectorReport(String collector, boolean running, String reason) {}
