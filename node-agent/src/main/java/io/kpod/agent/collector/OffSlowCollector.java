package io.kpod.agent.collector;

import io.kpod.summary.Metric;
import java.util.List;

record OffSlowCollector(String name, CollectorState state) implements SlowCollector {
    @Override
    public List<Metric> metrics() {
        return List.of();
    }

    @Override
    public void sample(Target target, Sample into) {
        // nothing is measured
    }
}
