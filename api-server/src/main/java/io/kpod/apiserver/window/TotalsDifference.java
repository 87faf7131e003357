package io.kpod.apiserver.window;

import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.SampleVisitor;
import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryWriter;
import org.jspecify.annotations.Nullable;

/**
 * Turns new totals into increments over the stored ones, encodes the increments and stores the totals. A total that
 * went down, which no agent sends, is stored and gives no increment: rates are never negative. Gauges are all said
 * anew: what the new totals don't mention is gone.
 */
final class TotalsDifference implements SampleVisitor {
    private final SummaryWriter writer = new SummaryWriter();
    private final LabelTable labels;
    private final long[] before = new long[Histogram.WIDTH];
    private @Nullable Totals totals;

    TotalsDifference(String node, AgentSession session, long intervalNanos) {
        this.labels = session.labels;
        writer.begin(new SummaryHeader(node, session.id, 1, false, intervalNanos, 0, 0, 0, 0, 0));
    }

    void begin(TrackedContainer container) {
        totals = container.totals;
        totals.dropGauges();
        writer.beginContainer(container.ref, null, false);
    }

    void end() {
        writer.endContainer();
    }

    byte[] finish() {
        return writer.finish();
    }

    @Override
    public void counter(Metric metric, int label, long value) {
        long increment = value - stored().counter(metric, labels.value(label));
        stored().addCounter(metric, labels.value(label), increment);
        if (increment > 0) {
            writer.counter(metric, label, increment);
        }
    }

    @Override
    public void gauge(Metric metric, int label, double value) {
        stored().setGauge(metric, labels.value(label), value);
    }

    @Override
    public void distribution(Metric metric, int label, long[] flat) {
        stored().distribution(metric, labels.value(label), before);
        boolean grew = true;
        for (int i = 0; i < Histogram.WIDTH; i++) {
            before[i] = flat[i] - before[i];
            grew &= before[i] >= 0;
        }
        stored().addDistribution(metric, labels.value(label), before);
        if (grew) {
            writer.distribution(metric, label, before, 0, null, 0);
        }
    }

    private Totals stored() {
        if (totals == null) {
            throw new IllegalStateException("begin was not called");
        }
        return totals;
    }
}
