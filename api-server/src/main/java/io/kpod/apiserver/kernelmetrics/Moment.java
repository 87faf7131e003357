package io.kpod.apiserver.kernelmetrics;

import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;

/**
 * For what an answer is made.
 *
 * @param window how much time it covers
 * @param now the wall clock, for timestamps
 * @param wanted metrics to decode
 */
record Moment(Duration window, Instant now, Predicate<Metric> wanted) {
    static Moment of(Duration window, Instant now) {
        return new Moment(window, now, metric -> metric != Catalogue.CPU_PREEMPTORS);
    }

    /** The same for an answer in which no other metrics can be seen. */
    Moment of(Predicate<Metric> metrics) {
        return new Moment(window, now, metrics);
    }
}
