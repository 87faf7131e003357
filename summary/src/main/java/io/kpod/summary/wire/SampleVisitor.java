package io.kpod.summary.wire;

import io.kpod.summary.Metric;

/**
 * Takes the values of one container, one call a series. {@code label} is an index of the session's strings, 0 for a
 * metric without a label of its own.
 */
public interface SampleVisitor {
    /** Whether the series of {@code metric} are to be visited; those of others are passed over undecoded. */
    default boolean wants(Metric metric) {
        return true;
    }

    /** A counter's increment or total. */
    void counter(Metric metric, int label, long value);

    /** A gauge's present value; NaN: the container has it no longer. */
    void gauge(Metric metric, int label, double value);

    /**
     * A distribution's increment or total.
     *
     * @param flat the flat form of {@link io.kpod.summary.histogram.Histogram}; used again for the next one: copy what
     *     you keep
     */
    void distribution(Metric metric, int label, long[] flat);
}
