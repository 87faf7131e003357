package io.kpod.apiserver.ingest;

import io.kpod.apiserver.status.StatusException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/** Counts what became of pushes. */
public final class IngestMetrics {
    private static final String NAME = "kpod.ingest.summaries";

    private final Counter applied;
    private final Counter completeWanted;
    private final Counter bytes;
    private final Map<StatusException.Reason, Counter> refused = new EnumMap<>(StatusException.Reason.class);

    public IngestMetrics(MeterRegistry registry) {
        applied = counter(registry, "applied");
        completeWanted = counter(registry, "complete-wanted");
        bytes = Counter.builder("kpod.ingest.bytes")
                .description("Bytes of the summaries that were taken")
                .register(registry);
        for (StatusException.Reason reason : StatusException.Reason.values()) {
            refused.put(reason, counter(registry, reason.kubernetesName()));
        }
    }

    void taken(int size, boolean wantsComplete) {
        (wantsComplete ? completeWanted : applied).increment();
        bytes.increment(size);
    }

    void refused(StatusException.Reason reason) {
        Counter counter = refused.get(reason);
        if (counter != null) {
            counter.increment();
        }
    }

    private static Counter counter(MeterRegistry registry, String outcome) {
        return Counter.builder(NAME)
                .description("Summaries by what became of them")
                .tag("outcome", outcome)
                .register(registry);
    }
}
