package io.kpod.agent.collector;

import io.kpod.agent.FailureLog;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.BpfProgram;
import io.kpod.libbpf.KernelBtf;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.lang.foreign.Arena;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The collector of a {@link KernelFamily}: loads its object, and reads each slot's struct by the members that the
 * catalogue names. Thread-safe.
 */
public final class KernelCollector implements Collector {
    private static final Logger LOG = LoggerFactory.getLogger("collector");

    private final FailureLog failures = new FailureLog(LOG);
    private final KernelFamily family;
    private final FamilyObject opened;
    private final List<Metric> metrics;
    private final SlotValues values;
    private final CollectorState state;
    private final List<MapUse> maps;
    private final List<BpfProgram> programs;

    private KernelCollector(KernelFamily family, FamilyObject opened, CollectorState state) throws BpfException {
        this.family = family;
        this.opened = opened;
        this.state = state;
        BpfObject object = opened.object().load();
        Arena arena = opened.arena();
        metrics = Catalogue.ofCollector(family.name());
        values = new SlotValues(
                object.map(family.object()), arena, structs(family), family.structSize(), family.fields(), metrics);
        maps = family.maps(object, arena);
        programs = object.programs();
        opened.register(values);
        family.attach(object);
    }

    /** The collector; off, with the reason, where the kernel or the rights don't allow it. */
    public static Collector open(KernelFamily family, ContainerSlots slots, KernelBtf btf) {
        return FamilyObject.open(family.name(), family.object(), slots, opened -> {
            opened.object().maxEntries(family.object(), (slots.capacity() + 1) * structs(family));
            String hooks = family.choose(opened.object(), btf, slots.hashed());
            return new KernelCollector(family, opened, new CollectorState.Running(hooks));
        });
    }

    private static int structs(KernelFamily family) {
        return Math.max(1, family.labelValues().size());
    }

    @Override
    public String name() {
        return family.name();
    }

    @Override
    public CollectorState state() {
        return state;
    }

    @Override
    public List<Metric> metrics() {
        return metrics;
    }

    @Override
    public List<String> labelValues(Metric metric) {
        return family.labelValues().isEmpty() ? metric.labelValues() : family.labelValues();
    }

    @Override
    public int width() {
        return values.width();
    }

    @Override
    public void refresh() {
        try {
            family.refresh();
            failures.works(() -> name() + " is up to date again");
        } catch (BpfException e) {
            failures.failed(name() + " is not up to date: " + e.getMessage());
        }
    }

    @Override
    public void read(int slot, long[] into, int offset) {
        values.read(slot, into, offset);
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
