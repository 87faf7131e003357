package io.kpod.agent.collector.syscall;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.snapshot.SeriesLayout;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import java.util.Arrays;
import java.util.List;

/** A slot's values by name of the system call. */
record Reading(SeriesLayout layout, long[] values) {
    static Reading of(Collector collector, int slot) {
        SeriesLayout layout = SeriesLayout.of(List.of(collector));
        long[] values = new long[layout.width()];
        collector.read(slot, values, 0);
        return new Reading(layout, values);
    }

    long count(String name) {
        return values[offset(Catalogue.SYSCALL_COUNT, name)];
    }

    long errors(String name) {
        return values[offset(Catalogue.SYSCALL_ERRORS, name)];
    }

    long nanos(String name) {
        return latency(name)[Histogram.SUM_NANOS];
    }

    long samples(String name) {
        return Arrays.stream(latency(name), Histogram.ZERO_COUNT, Histogram.WIDTH)
                .sum();
    }

    /** The flat form. */
    long[] latency(String name) {
        int offset = offset(Catalogue.SYSCALL_LATENCY, name);
        return Arrays.copyOfRange(values, offset, offset + Histogram.WIDTH);
    }

    private int offset(Metric metric, String name) {
        return layout.series().stream()
                .filter(series ->
                        series.metric().equals(metric) && series.labels().equals(name))
                .findFirst()
                .orElseThrow()
                .offset();
    }
}
