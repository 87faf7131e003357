package io.kpod.agent.collector.tcp;

import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.bpf.layout.KpodListener;
import io.kpod.bpf.layout.KpodTcpMaps;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfMap;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.BpfProgram;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The kernel's map of listening sockets, bpf/include/listener.h, as user space sees to it. */
final class Listeners {
    private static final int BUCKETS_A_RUN = 1024;

    private static final int SLOT_UNKNOWN = -1;

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final BpfProgram sweep;

    private Listeners(BpfProgram sweep) {
        this.sweep = sweep;
    }

    /** Takes up the listening sockets that are there already. */
    static Listeners find(BpfObject object, MemorySegment use, ContainerSlots slots) throws BpfException {
        BpfProgram find = object.program("find_listeners");
        long buckets = 1;
        for (long from = 0; from < buckets; from += BUCKETS_A_RUN) {
            buckets = find.run(from);
        }
        long strange = attribute(object.map("listeners"), slots);
        LONG.getAndAdd(use, (long) KpodTcpMaps.LISTENERS_OFFSET, -strange);
        return new Listeners(object.program("sweep"));
    }

    /** Adds what was dropped since the last time to the slots' counters; one system call. */
    void sweep() throws BpfException {
        sweep.run(0);
    }

    /** @return how many were outside any container, and are taken out */
    private static long attribute(BpfMap map, ContainerSlots slots) throws BpfException {
        long strange = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(map.keySize(), Long.BYTES);
            MemorySegment value = arena.allocate(map.valueSize(), Long.BYTES);
            for (long socket : keys(map, arena)) {
                key.set(ValueLayout.JAVA_LONG, 0, socket);
                if (map.lookup(key, value) && KpodListener.slot(value, 0) == SLOT_UNKNOWN) {
                    OptionalInt slot = slots.slotOf(KpodListener.cgroupId(value, 0));
                    if (slot.isPresent()) {
                        KpodListener.slot(value, 0, slot.getAsInt());
                        map.update(key, value, BpfMap.EXIST);
                    } else if (map.delete(key)) {
                        strange++;
                    }
                }
            }
        }
        return strange;
    }

    private static List<Long> keys(BpfMap map, Arena arena) throws BpfException {
        List<Long> keys = new ArrayList<>();
        MemorySegment key = arena.allocate(map.keySize(), Long.BYTES);
        MemorySegment next = arena.allocate(map.keySize(), Long.BYTES);
        boolean found = map.nextKey(MemorySegment.NULL, next);
        while (found) {
            key.copyFrom(next);
            keys.add(key.get(ValueLayout.JAVA_LONG, 0));
            found = map.nextKey(key, next);
        }
        return keys;
    }
}
