package io.kpod.agent.collector.cpu;

import io.kpod.agent.collector.Collector;
import io.kpod.summary.histogram.Histogram;
import java.util.Arrays;

/** A slot's values by name. */
record Reading(long[] values) {
    static Reading of(Collector collector, int slot) {
        long[] values = new long[collector.width()];
        collector.read(slot, values, 0);
        return new Reading(values);
    }

    long waitNanos() {
        return values[Histogram.SUM_NANOS];
    }

    long samples() {
        return Arrays.stream(values, Histogram.ZERO_COUNT, Histogram.WIDTH).sum();
    }

    long switches() {
        return values[Histogram.WIDTH];
    }

    long preemptedBySelf() {
        return values[Histogram.WIDTH + 1];
    }

    long preemptedByContainer() {
        return values[Histogram.WIDTH + 2];
    }

    long preemptedByHost() {
        return values[Histogram.WIDTH + 3];
    }

    long preemptions() {
        return preemptedBySelf() + preemptedByContainer() + preemptedByHost();
    }

    Reading since(Reading before) {
        long[] difference = values.clone();
        Arrays.setAll(difference, i -> values[i] - before.values[i]);
        return new Reading(difference);
    }
}
