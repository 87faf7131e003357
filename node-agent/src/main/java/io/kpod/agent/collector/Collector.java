package io.kpod.agent.collector;

import io.kpod.summary.Metric;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** One family of signals. */
public interface Collector extends AutoCloseable {
    /** The name that metrics and configuration call it by. */
    String name();

    /** Whether it runs, and on what or why not. Fixed once the collector is made. */
    CollectorState state();

    /** What it measures, in the order of a reading; none when it is off. */
    List<Metric> metrics();

    /** Longs in a reading: each metric's width times its label values, in the order of {@link #metrics}. */
    int width();

    /**
     * Overwrites {@code into} from {@code offset} on with the slot's cumulative values since the slot was given. Slot 0
     * holds the containers that found no slot. No system call, no allocation.
     */
    void read(int slot, long[] into, int offset);

    /** Entries that found no room in the collector's maps since its start, by map. */
    default Map<String, LongSupplier> mapErrors() {
        return Map.of();
    }

    @Override
    void close();

    /** A collector that measures nothing, and says why. */
    static Collector off(String name, String reason) {
        return new OffCollector(name, new CollectorState.Off(reason));
    }
}
