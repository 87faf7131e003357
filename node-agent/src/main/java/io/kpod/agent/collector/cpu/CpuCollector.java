package io.kpod.agent.collector.cpu;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.MapUse;
import io.kpod.agent.collector.SlotValues;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.KernelFeature;
import io.kpod.agent.kernel.SlotArray;
import io.kpod.bpf.layout.KpodCpu;
import io.kpod.bpf.layout.KpodCpuMaps;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.BpfProgram;
import io.kpod.libbpf.KernelBtf;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Run-queue latency, context switches and preemptions of each slot, from bpf/cpu.bpf.c. Thread-safe. */
public final class CpuCollector implements Collector {
    /** What metrics and configuration call it by. */
    public static final String NAME = "cpu";

    private static final List<Metric> METRICS = Catalogue.ofCollector(NAME);
    private static final int SWITCHES = Histogram.WIDTH;
    private static final int PREEMPTIONS = SWITCHES + 1;

    private final ContainerSlots slots;
    private final BpfObject object;
    private final Arena arena;
    private final SlotValues latency;
    private final SlotValues preemptions;
    private final MemorySegment maps;
    private final Preemptors preemptors;
    private final List<BpfProgram> programs;
    private final List<MapUse> mapUses;
    private final SlotArray array = this::clear;

    private CpuCollector(ContainerSlots slots, BpfObject object, Arena arena) throws BpfException {
        this.slots = slots;
        this.object = object;
        this.arena = arena;
        object.maxEntries("cpu", slots.capacity() + 1).load();
        latency = values(List.of(Catalogue.CPU_RUNQUEUE_LATENCY));
        preemptions = values(List.of(Catalogue.CPU_PREEMPTIONS));
        maps = object.map("cpu_maps").mmap(arena);
        preemptors = new Preemptors(object.map("preemptors"), latency, maps, arena);
        programs = object.programs();
        mapUses = List.of(
                new MapUse(
                        "preemptors",
                        object.map("preemptors").maxEntries(),
                        () -> KpodCpuMaps.preemptors(maps, 0),
                        () -> KpodCpuMaps.preemptorErrors(maps, 0)),
                new MapUse(
                        "runs",
                        slots.hashed() ? object.map("runs").maxEntries() : MapUse.UNBOUNDED,
                        () -> KpodCpuMaps.runs(maps, 0),
                        this::lostRuns));
        object.attach();
        slots.register(array); // at the end: slots are never told to what could not be opened
    }

    private SlotValues values(List<Metric> metrics) throws BpfException {
        return new SlotValues(object.map("cpu"), arena, 1, KpodCpu.SIZE, KpodCpu.FIELDS, metrics);
    }

    /** The collector; off, with the reason, where the kernel or the rights don't allow it. */
    public static Collector open(ContainerSlots slots, KernelBtf btf) {
        try {
            if (KernelFeature.runDelay(btf) instanceof KernelFeature.Unsupported(String reason)) {
                return Collector.off(NAME, reason);
            }
            BpfObject object = slots.openFamily(NAME);
            Arena arena = Arena.ofShared();
            try {
                return new CpuCollector(slots, object, arena);
            } catch (BpfException | RuntimeException e) {
                object.close();
                arena.close();
                throw e;
            }
        } catch (BpfException | IOException e) {
            return Collector.off(NAME, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CollectorState state() {
        return new CollectorState.Running(
                "tp_btf/sched_switch, by " + (slots.hashed() ? "hash" : "cgroup and task storage"));
    }

    @Override
    public List<Metric> metrics() {
        return METRICS;
    }

    @Override
    public int width() {
        return PREEMPTIONS + preemptions.width();
    }

    @Override
    public void read(int slot, long[] into, int offset) {
        latency.read(slot, into, offset);
        long samples = 0;
        for (int i = offset + Histogram.ZERO_COUNT; i < offset + Histogram.WIDTH; i++) {
            samples += into[i];
        }
        into[offset + SWITCHES] = samples + KpodCpu.unsampled(latency.segment(), latency.base(slot));
        preemptions.read(slot, into, offset + PREEMPTIONS);
    }

    @Override
    public List<MapUse> maps() {
        return mapUses;
    }

    @Override
    public List<BpfProgram> programs() {
        return programs;
    }

    /** How often there was no room to remember a task's run, so that a wait was not sampled. */
    public long lostRuns() {
        return KpodCpuMaps.runErrors(maps, 0);
    }

    /** Who took the CPU from whom. */
    public Preemptors preemptors() {
        return preemptors;
    }

    @Override
    public void close() {
        slots.unregister(array);
        object.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private void clear(int slot) throws BpfException {
        preemptors.clear(slot);
        latency.clear(slot);
    }
}
