package io.kpod.agent.collector.cpu;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.FamilyObject;
import io.kpod.agent.collector.MapUse;
import io.kpod.agent.collector.PairVisitor;
import io.kpod.agent.collector.SlotValues;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.KernelFeature;
import io.kpod.bpf.layout.KpodCpu;
import io.kpod.bpf.layout.KpodCpuMaps;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.BpfProgram;
import io.kpod.libbpf.KernelBtf;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Run-queue latency, context switches and preemptions of each slot, from bpf/cpu.bpf.c. Thread-safe. */
public final class CpuCollector implements Collector {
    /** What metrics and configuration call it by. */
    public static final String NAME = "cpu";

    private static final List<Metric> METRICS = Catalogue.ofCollector(NAME);
    private static final int SWITCHES = Histogram.WIDTH;
    private static final int PREEMPTIONS = SWITCHES + 1;

    /** Within a second; all that run on a node of many CPUs can preempt each other. */
    private static final int MOST_PAIRS = 4096;

    private final FamilyObject opened;
    private final CollectorState state;
    private final SlotValues latency;
    private final SlotValues preemptions;
    private final MemorySegment maps;
    private final Preemptors preemptors;
    private final List<BpfProgram> programs;
    private final List<MapUse> mapUses;

    private CpuCollector(FamilyObject opened) throws BpfException {
        this(opened, MOST_PAIRS);
    }

    /** @param mostPairs how many pairs of a victim and who took the CPU from it are told apart from one reading to the next */
    CpuCollector(FamilyObject opened, int mostPairs) throws BpfException {
        this.opened = opened;
        BpfObject object = opened.object();
        boolean hashed = opened.slots().hashed();
        object.maxEntries("cpu", opened.slots().capacity() + 1)
                .maxEntries("preemptors", mostPairs)
                .load();
        latency = values(List.of(Catalogue.CPU_RUNQUEUE_LATENCY));
        preemptions = values(List.of(Catalogue.CPU_PREEMPTIONS));
        maps = object.map("cpu_maps").mmap(opened.arena());
        preemptors = new Preemptors(object.map("preemptors"), maps, opened.arena());
        programs = object.programs();
        mapUses = List.of(
                new MapUse(
                        "preemptors",
                        object.map("preemptors").maxEntries(),
                        () -> KpodCpuMaps.preemptors(maps, 0),
                        () -> KpodCpuMaps.preemptorErrors(maps, 0)),
                new MapUse(
                        "runs",
                        hashed ? object.map("runs").maxEntries() : MapUse.UNBOUNDED,
                        () -> KpodCpuMaps.runs(maps, 0),
                        this::lostRuns));
        state = new CollectorState.Running("tp_btf/sched_switch, by " + (hashed ? "hash" : "cgroup and task storage"));
        opened.register(this::clear);
        object.attach();
    }

    private SlotValues values(List<Metric> metrics) throws BpfException {
        return new SlotValues(opened.object().map("cpu"), opened.arena(), 1, KpodCpu.SIZE, KpodCpu.FIELDS, metrics);
    }

    /** The collector; off, with the reason, where the kernel or the rights don't allow it. */
    public static Collector open(ContainerSlots slots, KernelBtf btf) {
        return KernelFeature.runDelay(btf) instanceof KernelFeature.Unsupported(String reason)
                ? Collector.off(NAME, reason)
                : FamilyObject.open(NAME, NAME, slots, CpuCollector::new);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CollectorState state() {
        return state;
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
    public void refresh() {
        try {
            preemptors.take();
        } catch (BpfException e) {
            throw new IllegalStateException("reading who took the CPU: " + e.getMessage(), e);
        }
    }

    @Override
    public void showPairs(PairVisitor visitor) {
        preemptors.show(visitor);
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

    @Override
    public void close() {
        opened.close();
    }

    private void clear(int slot) throws BpfException {
        preemptors.clear();
        latency.clear(slot);
    }
}
