package io.kpod.apiserver.window;

import io.kpod.summary.wire.ContainerIdentity;

/** One container in one session of its agent. Guarded by the node's lock. */
final class TrackedContainer {
    static final long STILL_THERE = Long.MAX_VALUE;

    final AgentSession session;
    final int ref;
    final ContainerIdentity identity;
    /**
     * From when on its increments are known, on this server's clock: where the first slot begins that may hold some.
     */
    long knownFromNanos;
    /** The same of polled metrics: when they were read last before the first increments. */
    long polledFromNanos;

    final Totals totals;
    /** Arrival of its last increments, or {@link #STILL_THERE}. */
    long endedNanos = STILL_THERE;

    TrackedContainer(
            AgentSession session, int ref, ContainerIdentity identity, SeriesBudget budget, long knownFromNanos) {
        this.session = session;
        this.ref = ref;
        this.identity = identity;
        this.totals = new Totals(budget);
        this.knownFromNanos = knownFromNanos;
        this.polledFromNanos = knownFromNanos;
    }

    /** It is gone: what it counted stays for as long as a window reaches it, what it used is free. */
    void end(long nanos) {
        endedNanos = nanos;
        totals.dropGauges();
    }

    PodName pod() {
        return new PodName(identity.namespace(), identity.pod());
    }
}
