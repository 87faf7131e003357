package io.kpod.agent.collector;

import io.kpod.libbpf.BpfProgram;
import io.kpod.summary.Metric;
import java.util.List;

/** One family of signals that kernel programs count, each container's in its slot. */
public interface Collector extends AutoCloseable {
    /** The name that metrics and configuration call it by. */
    String name();

    /** Whether it runs, and on what or why not. Fixed once the collector is made. */
    CollectorState state();

    /** What it measures, in the order of a reading; none when it is off. */
    List<Metric> metrics();

    /**
     * The values of a metric's only label, in the order of a reading; they are known once the collector is made. None for
     * a metric whose series come by {@link #readLabelled}.
     */
    default List<String> labelValues(Metric metric) {
        return metric.labelValues();
    }

    /** Longs in a reading: each metric's width times its label values, in the order of {@link #metrics}. */
    int width();

    /** Brings the values up to date, where events alone don't: call it before reading the slots. Few system calls. */
    default void refresh() {}

    /**
     * Overwrites {@code into} from {@code offset} on with the slot's cumulative values since the slot was given. Slot 0
     * holds the containers that found no slot. No system call, no allocation.
     */
    void read(int slot, long[] into, int offset);

    /** Shows the slot's series whose labels were not known beforehand. No system call; an allocation only for new series. */
    default void readLabelled(int slot, LabelledSeries series) {}

    /** Shows, once, what was counted between two until the last {@link #refresh}. No system call, no allocation. */
    default void showPairs(PairVisitor visitor) {}

    /** The maps whose filling tells of something. */
    default List<MapUse> maps() {
        return List.of();
    }

    /** The programs that run in the kernel for it. */
    default List<BpfProgram> programs() {
        return List.of();
    }

    @Override
    void close();

    /** A collector that measures nothing, and says why. */
    static Collector off(String name, String reason) {
        return new OffCollector(name, new CollectorState.Off(reason));
    }
}
