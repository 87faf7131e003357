package io.kpod.summary;

import io.kpod.summary.histogram.Histogram;

/** What kind of value a metric has, and how many longs of a reading one of its series takes. */
public enum MetricType {
    /** Never goes down while its container lives. */
    COUNTER(1),
    /** Goes up and down; a reading holds the bits of a double ({@link Double#doubleToRawLongBits}). */
    GAUGE(1),
    /** A histogram; a reading holds the flat form of {@link Histogram}. */
    DISTRIBUTION(Histogram.WIDTH);

    private final int width;

    MetricType(int width) {
        this.width = width;
    }

    /** Longs per series in a reading. */
    public int width() {
        return width;
    }
}
