package io.kpod.apiserver.window;

import io.kpod.summary.wire.CollectorReport;
import java.time.Duration;
import java.util.List;

/**
 * What is known of a node's agent.
 *
 * @param age how long ago its last summary arrived
 * @param stale too long ago for its data to be served
 * @param pushInterval how often it pushes
 * @param overflowedContainers containers that its kernel programs had no slot for
 * @param collectors what runs there, or why not
 */
public record NodeState(
        Duration age,
        boolean stale,
        Duration pushInterval,
        long overflowedContainers,
        List<CollectorReport> collectors) {
    public NodeState {
        collectors = List.copyOf(collectors);
    }
}
