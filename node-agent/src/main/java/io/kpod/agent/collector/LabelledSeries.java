package io.kpod.agent.collector;

import io.kpod.summary.Metric;

/** Where a container's series go whose labels were not known beforehand. */
public interface LabelledSeries {
    /**
     * Finds the series, or makes it; it stays as long as its container.
     *
     * @param labels the label's value; those of several labels joined by {@link Metric#LABEL_SEPARATOR}
     * @return where its longs begin in {@link #values}
     */
    int offset(Metric metric, String labels);

    /** The container's longs; another array after a series was made. */
    long[] values();
}
