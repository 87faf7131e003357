package io.kpod.agent.collector.cpu;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.KernelFeature;
import io.kpod.agent.kernel.SlotArray;
import io.kpod.bpf.layout.KpodCpu;
import io.kpod.bpf.layout.KpodCpuErrors;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfMap;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.BpfProgram;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Run-queue latency, context switches and preemptions of each slot, from bpf/cpu.bpf.c. Thread-safe. */
public final class CpuCollector implements Collector {
    /** What metrics and configuration call it by. */
    public static final String NAME = "cpu";

    private static final List<Metric> METRICS = Catalogue.ofCollector(NAME);
    private static final int SWITCHES = Histogram.WIDTH;
    private static final int PREEMPTED_BY_SELF = SWITCHES + 1;
    private static final int PREEMPTED_BY_CONTAINER = SWITCHES + 2;
    private static final int PREEMPTED_BY_HOST = SWITCHES + 3;
    private static final int WIDTH = SWITCHES + 4;

    private final ContainerSlots slots;
    private final BpfObject object;
    private final Arena arena;
    private final MemorySegment values;
    private final MemorySegment errors;
    private final long stride;
    private final BpfProgram program;
    private final Preemptors preemptors;
    private final SlotArray array = this::clear;

    private CpuCollector(ContainerSlots slots, BpfObject object, Arena arena) throws BpfException {
        this.slots = slots;
        this.object = object;
        this.arena = arena;
        object.load();
        BpfMap map = object.map("cpu");
        values = map.mmap(arena);
        stride = map.stride();
        errors = object.map("cpu_errors").mmap(arena);
        preemptors = new Preemptors(object.map("preemptors"), values, stride, arena);
        program = object.program("sched_switch");
        if (slots.hashed()) {
            object.program("sched_process_free").attach();
        }
        program.attach();
        slots.register(array);
    }

    /** The collector; off, with the reason, where the kernel or the rights don't allow it. */
    public static Collector open(ContainerSlots slots) {
        try {
            if (KernelFeature.runDelay() instanceof KernelFeature.Unsupported(String reason)) {
                return Collector.off(NAME, reason);
            }
            BpfObject object = slots.openFamily(NAME, "cpu");
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
        return WIDTH;
    }

    @Override
    public void read(int slot, long[] into, int offset) {
        long base = slot * stride;
        // struct kpod_histogram and the flat form are the same; aligned longs are copied whole
        MemorySegment.copy(
                values, ValueLayout.JAVA_LONG, base + KpodCpu.LATENCY_SUM_NS_OFFSET, into, offset, Histogram.WIDTH);
        long samples = 0;
        for (int i = offset + Histogram.ZERO_COUNT; i < offset + Histogram.WIDTH; i++) {
            samples += into[i];
        }
        into[offset + SWITCHES] = samples + KpodCpu.unsampled(values, base);
        into[offset + PREEMPTED_BY_SELF] = KpodCpu.preemptedBySelf(values, base);
        into[offset + PREEMPTED_BY_CONTAINER] = KpodCpu.preemptedByContainer(values, base);
        into[offset + PREEMPTED_BY_HOST] = KpodCpu.preemptedByHost(values, base);
    }

    @Override
    public Map<String, LongSupplier> mapErrors() {
        return Map.of("runs", this::lostRuns);
    }

    /** How often there was no room to remember a task's run, so that a wait was not sampled. */
    public long lostRuns() {
        return KpodCpuErrors.runs(errors, 0);
    }

    /** Who took the CPU from whom. */
    public Preemptors preemptors() {
        return preemptors;
    }

    /** What the kernel's own statistics say of the program; zeros while they are off. */
    public BpfProgram.Statistics statistics() throws BpfException {
        return program.statistics();
    }

    /** Kernel memory of this family's maps. */
    public long memlockBytes() throws BpfException {
        long bytes = 0;
        for (String map : List.of("cpu", "cpu_errors", "preemptors", "runs")) {
            bytes += object.map(map).memlockBytes();
        }
        return bytes;
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
        values.asSlice(slot * stride, KpodCpu.SIZE).fill((byte) 0);
    }
}
