package io.kpod.agent.collector.cpu;

import io.kpod.agent.collector.SlotValues;
import io.kpod.bpf.layout.KpodCpu;
import io.kpod.bpf.layout.KpodCpuMaps;
import io.kpod.bpf.layout.KpodPreemptor;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * How often which container took the CPU from which. The kernel's map is bounded; what did not fit, and what was taken
 * by containers that are gone, is a victim's {@link #others}. All of a victim's pairs and its others add up to its
 * preemptions by containers.
 */
public final class Preemptors {
    private static final int ANY = -1;
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final BpfMap map;
    private final SlotValues cpu;
    private final MemorySegment maps;
    private final MemorySegment key;
    private final MemorySegment next;
    private final MemorySegment count;

    /**
     * @param cpu the family's array, which has a victim's count of others
     * @param maps struct kpod_cpu_maps, which has the number of pairs
     */
    Preemptors(BpfMap map, SlotValues cpu, MemorySegment maps, Arena arena) {
        this.map = map;
        this.cpu = cpu;
        this.maps = maps;
        key = arena.allocate(KpodPreemptor.SIZE, Long.BYTES);
        next = arena.allocate(KpodPreemptor.SIZE, Long.BYTES);
        count = arena.allocate(ValueLayout.JAVA_LONG);
    }

    /** Slots of who lost the CPU and who took it, and how often. */
    public record Pair(int victim, int offender, long times) {}

    /** All pairs; two system calls each. */
    public List<Pair> pairs() throws BpfException {
        return pairs(ANY);
    }

    /** The pairs that a slot is in; a system call for each that it is not in. */
    private synchronized List<Pair> pairs(int slot) throws BpfException {
        List<Pair> pairs = new ArrayList<>();
        boolean found = map.nextKey(MemorySegment.NULL, next);
        while (found) {
            key.copyFrom(next);
            int victim = KpodPreemptor.victim(key, 0);
            int offender = KpodPreemptor.offender(key, 0);
            if ((slot == ANY || victim == slot || offender == slot) && map.lookup(key, count)) {
                pairs.add(new Pair(victim, offender, count.get(ValueLayout.JAVA_LONG, 0)));
            }
            found = map.nextKey(key, next);
        }
        return pairs;
    }

    /** Preemptions of the victim by containers that no pair tells of. */
    public long others(int victim) {
        return KpodCpu.unpaired(cpu.segment(), cpu.base(victim));
    }

    /** Forgets a slot that is given back; what it took from others becomes their {@link #others}. */
    synchronized void clear(int slot) throws BpfException {
        for (Pair pair : pairs(slot)) {
            KpodPreemptor.victim(key, 0, pair.victim());
            KpodPreemptor.offender(key, 0, pair.offender());
            if (map.delete(key)) {
                LONG.getAndAdd(maps, (long) KpodCpuMaps.PREEMPTORS_OFFSET, -1L);
            }
            LONG.getAndAdd(cpu.segment(), cpu.base(pair.victim()) + KpodCpu.UNPAIRED_OFFSET, pair.times());
        }
    }
}
