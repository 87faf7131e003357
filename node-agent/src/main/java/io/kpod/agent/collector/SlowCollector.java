package io.kpod.agent.collector;

import io.kpod.summary.Metric;
import java.util.List;

/** One family of signals that files tell of. Used by one thread, which holds no lock meanwhile. */
public interface SlowCollector extends AutoCloseable {
    /** The name that metrics and configuration call it by. */
    String name();

    /** Whether it runs, and on which files or why not. */
    CollectorState state();

    /** What it measures. */
    List<Metric> metrics();

    /** A round begins. */
    default void begin(Round round) {}

    /** Reads the target's files; what it has not, or no more, it leaves out. */
    void sample(Target target, Sample into);

    @Override
    default void close() {}

    /** A collector that measures nothing, and says why. */
    static SlowCollector off(String name, String reason) {
        return new OffSlowCollector(name, new CollectorState.Off(reason));
    }
}
