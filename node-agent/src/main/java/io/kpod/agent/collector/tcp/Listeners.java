package io.kpod.agent.collector.tcp;

import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.bpf.layout.KpodListener;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfMap;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.BpfProgram;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The kernel's map of listening sockets, bpf/include/listener.h, as user space sees to it. */
final class Listeners {
    private static final int BUCKETS_A_RUN = 1024;

    private static final int SLOT_UNKNOWN = -1;

    private final BpfProgram sweep;

    private Listeners(BpfProgram sweep) {
        this.sweep = sweep;
    }

    /** Takes up the listening sockets that are there already. */
    static Listeners find(BpfObject object, ContainerSlots slots) throws BpfException {
        BpfProgram find = object.program("find_listeners");
        long buckets = 1;
        for (long from = 0; from < buckets; from += BUCKETS_A_RUN) {
            buckets = find.run(from);
        }
        attribute(object.map("listeners"), slots);
        return new Listeners(object.program("sweep"));
    }

    /** Adds what was dropped since the last time to the slots' counters; one system call. */
    void sweep() throws BpfException {
        sweep.run(0);
    }

    private static void attribute(BpfMap map, ContainerSlots slots) throws BpfException {
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
                    } else {
                        map.delete(key);
                    }
                }
            }
        }
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
