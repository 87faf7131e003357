package io.kpod.summary;

import io.kpod.summary.histogram.Histogram;
import java.util.function.ToDoubleFunction;

/** A number drawn from a distribution, as custom metrics serve it and as the selector key {@code stat} names it. */
public enum Stat {
    P50(h -> h.quantileSeconds(0.5)),
    P90(h -> h.quantileSeconds(0.9)),
    P95(h -> h.quantileSeconds(0.95)),
    P99(h -> h.quantileSeconds(0.99)),
    P999(h -> h.quantileSeconds(0.999)),
    MEAN(Histogram::meanSeconds),
    MAX(Histogram::maxSeconds);

    private final ToDoubleFunction<Histogram> seconds;

    Stat(ToDoubleFunction<Histogram> seconds) {
        this.seconds = seconds;
    }

    /** {@code p99}, {@code mean}. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The number in seconds; NaN of an empty histogram. */
    public double seconds(Histogram histogram) {
        return seconds.applyAsDouble(histogram);
    }
}
