package io.kpod.apiserver.window;

import io.kpod.summary.histogram.Histogram;

/** What a window holds of one series. */
public sealed interface Series {
    /**
     * A counter.
     *
     * @param total since the container's measurement began
     * @param increment within the window
     */
    record Counter(long total, long increment) implements Series {}

    /** A gauge's last value. */
    record Gauge(double value) implements Series {}

    /** A distribution; what fell into the window. Not to be changed. */
    record Distribution(Histogram increments) implements Series {}
}
