package io.kpod.agent.collector.disklatency;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.LabelledSeries;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A slot's series of disk latency. */
final class Latencies implements LabelledSeries {
    private final Map<String, Integer> offsets = new LinkedHashMap<>();
    private long[] values = new long[0];

    static Latencies of(Collector collector, int slot) {
        Latencies latencies = new Latencies();
        collector.readLabelled(slot, latencies);
        return latencies;
    }

    @Override
    public int offset(Metric metric, String labels) {
        return offsets.computeIfAbsent(labels, unknown -> {
            values = Arrays.copyOf(values, values.length + Histogram.WIDTH);
            return values.length - Histogram.WIDTH;
        });
    }

    @Override
    public long[] values() {
        return values;
    }

    /** Device and operation of each series, as on the wire. */
    Iterable<String> labels() {
        return offsets.keySet();
    }

    /** Requests of that operation on the device. */
    long count(String device, String operation) {
        Integer offset = offsets.get(device + Metric.LABEL_SEPARATOR + operation);
        return offset == null
                ? 0
                : Arrays.stream(values, offset + Histogram.ZERO_COUNT, offset + Histogram.WIDTH)
                        .sum();
    }

    /** Time of all of them. */
    long nanos(String device, String operation) {
        Integer offset = offsets.get(device + Metric.LABEL_SEPARATOR + operation);
        return offset == null ? 0 : values[offset + Histogram.SUM_NANOS];
    }
}
