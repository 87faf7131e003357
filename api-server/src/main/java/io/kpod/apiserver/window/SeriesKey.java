package io.kpod.apiserver.window;

import io.kpod.summary.Metric;

/**
 * One series of a container.
 *
 * @param label value of the metric's own label; empty for a metric without one
 */
public record SeriesKey(Metric metric, String label) {
    /** Metrics are the catalogue's own objects, so comparing references is enough, and hashing all that is said of one is not needed. */
    @Override
    public boolean equals(Object other) {
        return other instanceof SeriesKey that && metric == that.metric && label.equals(that.label);
    }

    @Override
    public int hashCode() {
        return 31 * metric.wireNumber() + label.hashCode();
    }
}
