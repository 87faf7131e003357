package io.kpod.agent.collector.tcp;

import io.kpod.agent.collector.Collector;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import java.util.Arrays;

/** A slot's values by metric. */
record Reading(Collector collector, long[] values) {
    static Reading of(Collector collector, int slot) {
        long[] values = new long[collector.width()];
        collector.refresh();
        collector.read(slot, values, 0);
        return new Reading(collector, values);
    }

    long sent() {
        return values[at(Catalogue.TCP_BYTES_SENT)];
    }

    long received() {
        return values[at(Catalogue.TCP_BYTES_RECEIVED)];
    }

    long retransmits() {
        return values[at(Catalogue.TCP_RETRANSMITS)];
    }

    long connections() {
        return values[at(Catalogue.TCP_CONNECTIONS)];
    }

    long listenDrops() {
        return values[at(Catalogue.TCP_LISTEN_DROPS)];
    }

    long sumNanos(Metric distribution) {
        return values[at(distribution) + Histogram.SUM_NANOS];
    }

    long samples(Metric distribution) {
        int at = at(distribution);
        return Arrays.stream(values, at + Histogram.ZERO_COUNT, at + Histogram.WIDTH)
                .sum();
    }

    Reading since(Reading before) {
        long[] difference = values.clone();
        Arrays.setAll(difference, i -> values[i] - before.values[i]);
        return new Reading(collector, difference);
    }

    private int at(Metric wanted) {
        int at = 0;
        for (Metric metric : collector.metrics()) {
            if (metric == wanted) {
                return at;
            }
            at += metric.type().width();
        }
        throw new IllegalStateException(wanted.name() + " is not measured");
    }
}
