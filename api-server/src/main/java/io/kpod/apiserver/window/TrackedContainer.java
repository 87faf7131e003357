package io.kpod.apiserver.window;

import io.kpod.summary.wire.ContainerIdentity;

/** One container in one session of its agent. Guarded by the node's lock. */
final class TrackedContainer {
    static final long STILL_THERE = Long.MAX_VALUE;

    final AgentSession session;
    final int ref;
    final PodName pod;
    final String podUid;
    /** Empty: the pod as a whole, or the rest of the node. */
    final String name;

    final long startedUnixMillis;
    private final int idHash;
    /**
     * From when on its increments are known, on this server's clock: where the first slot begins that may hold some.
     */
    long knownFromNanos;
    /** The same of polled metrics: when they were read last before the first increments. */
    long polledFromNanos;

    final Totals totals;
    /** Arrival of its last increments, or {@link #STILL_THERE}. */
    long endedNanos = STILL_THERE;

    /** @param pod the same object for all containers of a pod, as {@code podUid} is, and {@code name} for its incarnations */
    TrackedContainer(
            AgentSession session,
            int ref,
            ContainerIdentity identity,
            PodName pod,
            String podUid,
            String name,
            SeriesBudget budget,
            long knownFromNanos) {
        this.session = session;
        this.ref = ref;
        this.pod = pod;
        this.podUid = podUid;
        this.name = name;
        this.startedUnixMillis = identity.startedUnixMillis();
        this.idHash = identity.containerId().hashCode();
        this.totals = new Totals(budget);
        this.knownFromNanos = knownFromNanos;
        this.polledFromNanos = knownFromNanos;
    }

    /** Whether the agent means this one; its id is not kept, its hash is enough to find a ref that was used twice. */
    boolean is(ContainerIdentity identity) {
        return identity.namespace().equals(pod.namespace())
                && identity.pod().equals(pod.name())
                && identity.podUid().equals(podUid)
                && identity.container().equals(name)
                && identity.containerId().hashCode() == idHash;
    }

    /** Whether it was there after {@code nanos}. */
    boolean livesAfter(long nanos) {
        return endedNanos == STILL_THERE || endedNanos - nanos > 0;
    }

    /** Whether it is what was counted for no container that has a name. */
    boolean isRest() {
        return pod.namespace().isEmpty() && pod.name().isEmpty() && name.isEmpty();
    }

    /** It is gone: what it counted stays for as long as a window reaches it, what it used is free. */
    void end(long nanos, Workspace work) {
        endedNanos = nanos;
        totals.dropGauges(work);
    }
}
