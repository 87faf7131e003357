package io.kpod.agent.snapshot;

import io.kpod.agent.container.Attribution;
import io.kpod.agent.container.CgroupOwner;
import io.kpod.agent.container.ContainerName;
import io.kpod.agent.kernel.ContainerSlots.Slot;
import org.jspecify.annotations.Nullable;

/**
 * One container and its cumulative values since its measurement began. Guarded by the lock of the {@link NodeReadings}
 * it belongs to: look at it only within {@link NodeReadings#read}.
 */
public final class ContainerReading {
    private final int ref;
    private final Slot slot;
    private final CgroupOwner owner;
    private final long startedUnixMillis;
    private final long[] values;
    private Attribution attribution = new Attribution.Unknown();
    private boolean ended;
    private long endedNanos;
    private boolean exposedAfterEnd;
    private boolean pushedAfterEnd;

    ContainerReading(int ref, Slot slot, CgroupOwner owner, long startedUnixMillis, int width) {
        this.ref = ref;
        this.slot = slot;
        this.owner = owner;
        this.startedUnixMillis = startedUnixMillis;
        this.values = new long[width];
    }

    /** Number of this container in this run of the agent, from 1 on. */
    public int ref() {
        return ref;
    }

    /** Whose it is; null while that is not known, or if it is not to be reported. */
    public @Nullable ContainerName name() {
        return attribution instanceof Attribution.Known(ContainerName name) ? name : null;
    }

    /** Wall clock at which its measurement began. */
    public long startedUnixMillis() {
        return startedUnixMillis;
    }

    /** The values, laid out as {@link SeriesLayout} says. */
    public long[] values() {
        return values;
    }

    /** The container is gone: these are its last values. */
    public boolean ended() {
        return ended;
    }

    void markExposed() {
        exposedAfterEnd |= ended;
    }

    boolean exposedAfterEnd() {
        return exposedAfterEnd;
    }

    /** Its last values have been acknowledged by every API server. */
    public void markPushed() {
        pushedAfterEnd |= ended;
    }

    Slot slot() {
        return slot;
    }

    CgroupOwner owner() {
        return owner;
    }

    Attribution attribution() {
        return attribution;
    }

    void attribute(Attribution found) {
        attribution = found;
    }

    void end(long nowNanos) {
        ended = true;
        endedNanos = nowNanos;
    }

    long nanosSinceEnd(long nowNanos) {
        return nowNanos - endedNanos;
    }

    boolean delivered() {
        return exposedAfterEnd && pushedAfterEnd;
    }
}
