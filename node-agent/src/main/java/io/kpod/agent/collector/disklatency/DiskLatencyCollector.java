package io.kpod.agent.collector.disklatency;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.FamilyObject;
import io.kpod.agent.collector.LabelledSeries;
import io.kpod.agent.collector.MapUse;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.bpf.layout.KpodDiskLatencyMaps;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.BpfProgram;
import io.kpod.libbpf.KernelBtf;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Latency of block devices' requests, of each slot by device and operation, from bpf/disk_latency.bpf.c. Thread-safe. */
public final class DiskLatencyCollector implements Collector {
    /** What metrics and configuration call it by. */
    public static final String NAME = "disk-latency";

    private static final String OBJECT = "disk_latency";

    /** Room for reads and writes of one device by each container. */
    private static final int SERIES_PER_CONTAINER = 2;

    private final FamilyObject opened;
    private final CollectorState state;
    private final DiskSeries series;
    private final List<MapUse> maps;
    private final List<BpfProgram> programs;

    private DiskLatencyCollector(FamilyObject opened, KernelBtf btf) throws BpfException {
        this.opened = opened;
        BpfObject object = opened.object();
        int capacity = opened.slots().capacity();
        // until Linux 5.10 the queue is passed before the request
        boolean queueFirst = btf.tracepointArguments("block_rq_issue") > 1;
        object.leaveOut(queueFirst ? "block_rq_issue" : "block_rq_issue_of_queue");
        int room = (capacity + 1) * SERIES_PER_CONTAINER;
        object.maxEntries(OBJECT, room + 1)
                .maxEntries("disk_series", room)
                .maxEntries("free_disk_series", room)
                .load();
        MemorySegment use = object.map("disk_latency_maps").mmap(opened.arena());
        series = new DiskSeries(object, opened.arena(), use, capacity);
        maps = List.of(
                new MapUse("disk_series", room, series::used, () -> KpodDiskLatencyMaps.seriesErrors(use, 0)),
                new MapUse(
                        "disk_issues",
                        object.map("disk_issues").maxEntries(),
                        () -> KpodDiskLatencyMaps.issues(use, 0),
                        () -> KpodDiskLatencyMaps.issueErrors(use, 0)));
        programs = object.programs();
        state = new CollectorState.Running("tp_btf/block_rq_complete and block_rq_issue");
        opened.register(series);
        object.attach();
    }

    /** The collector; off, with the reason, where the kernel or the rights don't allow it. */
    public static Collector open(ContainerSlots slots, KernelBtf btf) {
        return btf.hasMember("bio", "bi_blkg")
                ? FamilyObject.open(NAME, OBJECT, slots, opened -> new DiskLatencyCollector(opened, btf))
                : Collector.off(NAME, "the kernel does not tell whose requests are: it needs CONFIG_BLK_CGROUP");
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
        return List.of(Catalogue.DISK_IO_LATENCY);
    }

    @Override
    public int width() {
        return 0;
    }

    @Override
    public void read(int slot, long[] into, int offset) {
        // all series have labels that are not known beforehand
    }

    @Override
    public void readLabelled(int slot, LabelledSeries into) {
        series.read(slot, into);
    }

    @Override
    public List<MapUse> maps() {
        return maps;
    }

    @Override
    public List<BpfProgram> programs() {
        return programs;
    }

    @Override
    public void close() {
        opened.close();
    }
}
