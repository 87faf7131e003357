package io.kpod.apiserver.window;

import io.kpod.summary.wire.ContainerIdentity;

/** One container in one session of its agent. Guarded by the node's lock. */
final class TrackedContainer {
    static final long STILL_THERE = Long.MAX_VALUE;

    final AgentSession session;
    final int ref;
    final ContainerIdentity identity;
    /** From when on its increments are known, on this server's clock: where the first slot begins that may hold some. */
    long knownFromNanos;

    final Totals totals = new Totals();
    /** Arrival of its last increments, or {@link #STILL_THERE}. */
    long endedNanos = STILL_THERE;

    TrackedContainer(AgentSession session, int ref, ContainerIdentity identity, long knownFromNanos) {
        this.session = session;
        this.ref = ref;
        this.identity = identity;
        this.knownFromNanos = knownFromNanos;
    }

    PodName pod() {
        return new PodName(identity.namespace(), identity.pod());
    }
}
