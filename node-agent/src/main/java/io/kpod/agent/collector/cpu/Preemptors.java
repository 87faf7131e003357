package io.kpod.agent.collector.cpu;

import io.kpod.agent.collector.PairVisitor;
import io.kpod.bpf.layout.KpodCpuMaps;
import io.kpod.bpf.layout.KpodPreemptor;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * How often who took the CPU from whom. The kernel's map of pairs is bounded, and emptied at each reading; what did not
 * fit is in a victim's preemptions alone. Thread-safe.
 */
final class Preemptors {
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final BpfMap map;
    private final MemorySegment maps;
    private final MemorySegment keys;
    private final MemorySegment counts;
    private int pairs;

    /** @param maps struct kpod_cpu_maps, which has the number of pairs */
    Preemptors(BpfMap map, MemorySegment maps, Arena arena) {
        this.map = map;
        this.maps = maps;
        keys = arena.allocate((long) KpodPreemptor.SIZE * map.maxEntries(), Long.BYTES);
        counts = arena.allocate(ValueLayout.JAVA_LONG, map.maxEntries());
    }

    /** Takes out of the kernel what was counted since the last time; one system call, none if there is nothing. */
    synchronized void take() throws BpfException {
        if (pairs == 0 && KpodCpuMaps.preemptors(maps, 0) != 0) {
            pairs = map.takeAll(keys, counts);
            LONG.getAndAdd(maps, (long) KpodCpuMaps.PREEMPTORS_OFFSET, -(long) pairs);
        }
    }

    /** Shows what was taken, once. */
    synchronized void show(PairVisitor visitor) {
        for (int pair = 0; pair < pairs; pair++) {
            long key = (long) pair * KpodPreemptor.SIZE;
            int victim = KpodPreemptor.victim(keys, key);
            long group = KpodPreemptor.offenderGroup(keys, key);
            long times = counts.getAtIndex(ValueLayout.JAVA_LONG, pair);
            if (group == 0) {
                visitor.bySlot(victim, KpodPreemptor.offender(keys, key), times);
            } else {
                visitor.byGroup(victim, group, times);
            }
        }
        pairs = 0;
    }

    /**
     * Forgets a slot that is given back. That is just after a reading, so that little is lost: all that was counted since
     * loses its names.
     */
    synchronized void clear() throws BpfException {
        pairs = 0;
        take();
        pairs = 0;
    }
}
