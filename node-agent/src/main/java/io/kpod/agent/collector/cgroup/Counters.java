package io.kpod.agent.collector.cgroup;

import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.files.KernelText;
import io.kpod.summary.Metric;

/** Numbers of the files as a sample's counters. */
final class Counters {
    private Counters() {}

    /** Adds {@code value} times {@code unit}; nothing if the file had no number there, or none that a long holds. */
    static void add(Sample into, Metric metric, long value, long unit) {
        if (value != KernelText.NONE && value <= Long.MAX_VALUE / unit) {
            into.counter(metric, value * unit);
        }
    }
}
