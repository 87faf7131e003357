package io.kpod.agent.collector;

import io.kpod.summary.Metric;
import java.util.List;

record OffCollector(String name, CollectorState state) implements Collector {
    @Override
    public List<Metric> metrics() {
        return List.of();
    }

    @Override
    public int width() {
        return 0;
    }

    @Override
    public void read(int slot, long[] into, int offset) {
        // nothing is measured: no long is this collector's
    }

    @Override
    public void close() {
        // nothing is held
    }
}
