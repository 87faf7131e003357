package io.kpod.apiserver.window;

import io.kpod.apiserver.ingest.SummarySink.Outcome;
import io.kpod.summary.Catalogue;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.CollectorReport;
import io.kpod.summary.wire.ContainerIdentity;
import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An agent as the protocol wants it, with the truth of what it counted. Talks to one replica. */
public final class TestAgent {
    /** What one container has done, in truth. */
    public static final class Container {
        final int ref;
        final ContainerIdentity identity;
        long switches;
        final long[] preemptions = new long[3];
        final Histogram latency = new Histogram();
        boolean ended;
        private long saidSwitches;
        private final long[] saidPreemptions = new long[3];
        private long[] saidLatency = new long[Histogram.WIDTH];
        private boolean mentioned;
        private long endSequence;

        Container(int ref, ContainerIdentity identity) {
            this.ref = ref;
            this.identity = identity;
        }

        /** Counts context switches, preemptions by who took the CPU, and waits. */
        public Container count(long switches, long self, long container, long host, long... waitsNanos) {
            this.switches += switches;
            preemptions[0] += self;
            preemptions[1] += container;
            preemptions[2] += host;
            Arrays.stream(waitsNanos).forEach(latency::record);
            return this;
        }

        /** The container is gone. */
        public void end() {
            ended = true;
        }
    }

    private static int sessions;

    private final String node;
    private final byte[] session = new byte[SummaryHeader.SESSION_BYTES];
    private final Map<Integer, Container> containers = new TreeMap<>();
    private final List<String> strings = Catalogue.CPU_PREEMPTIONS.labelValues();
    private List<CollectorReport> collectors = List.of(new CollectorReport("cpu", true, "tp_btf"));
    private long overflowed;
    private int nextRef = 1;
    private long sequence;
    private long elapsedNanos;
    private long acknowledged;
    private long highestAcknowledged;

    /** @param node its node */
    public TestAgent(String node) {
        this.node = node;
        ByteBuffer.wrap(session).putInt(++sessions);
    }

    /** A container is born. */
    public Container start(String namespace, String pod, String uid, String container) {
        int ref = nextRef++;
        Container born = new Container(
                ref,
                new ContainerIdentity(
                        namespace, pod, uid, container, "id-" + sessions + "-" + ref, 1_764_000_000_000L + ref));
        containers.put(ref, born);
        return born;
    }

    /** What the collectors say from now on. */
    public TestAgent collectors(CollectorReport... reports) {
        collectors = List.of(reports);
        return this;
    }

    /** Containers without a slot from now on. */
    public TestAgent overflowed(long containers) {
        overflowed = containers;
        return this;
    }

    /** The next summary: increments if the last one was acknowledged, else totals. */
    public byte[] next(Duration interval) {
        sequence++;
        elapsedNanos += interval.toNanos();
        boolean complete = sequence == 1 || acknowledged != sequence - 1;
        SummaryWriter writer = new SummaryWriter();
        writer.begin(new SummaryHeader(
                node,
                session,
                sequence,
                complete,
                interval.toNanos(),
                1_764_000_000_000L,
                1_764_000_000_000L,
                overflowed,
                elapsedNanos));
        if (complete) {
            strings.forEach(writer::string);
            collectors.forEach(writer::collector);
        }
        for (Container container : new ArrayList<>(containers.values())) {
            boolean endKnown = container.endSequence != 0 && container.endSequence <= highestAcknowledged;
            if (complete ? !endKnown : container.endSequence == 0) {
                boolean identify = complete || !container.mentioned;
                writer.beginContainer(container.ref, identify ? container.identity : null, container.ended);
                write(writer, container, complete || !container.mentioned);
                writer.endContainer();
            }
            container.saidSwitches = container.switches;
            System.arraycopy(container.preemptions, 0, container.saidPreemptions, 0, 3);
            container.saidLatency = container.latency.toFlat();
            container.mentioned = true;
            if (container.ended && container.endSequence == 0) {
                container.endSequence = sequence;
            }
            if (endKnown) {
                containers.remove(container.ref);
            }
        }
        return writer.finish();
    }

    /** The answer to the last summary arrived. */
    public void answered(Outcome outcome) {
        if (outcome instanceof Outcome.Acknowledged(long applied, boolean completeWanted, int pauseMillis)) {
            acknowledged = completeWanted ? 0 : applied;
            highestAcknowledged = Math.max(highestAcknowledged, acknowledged);
        }
    }

    /** Sends the next summary and takes the answer. */
    public Outcome push(WindowStore store, Duration interval) {
        Outcome outcome = store.accept(node, next(interval));
        answered(outcome);
        return outcome;
    }

    private void write(SummaryWriter writer, Container container, boolean totals) {
        writer.counter(Catalogue.CPU_CONTEXT_SWITCHES, 0, container.switches - (totals ? 0 : container.saidSwitches));
        for (int i = 0; i < 3; i++) {
            writer.counter(
                    Catalogue.CPU_PREEMPTIONS,
                    i + 1,
                    container.preemptions[i] - (totals ? 0 : container.saidPreemptions[i]));
        }
        long @Nullable [] before = totals ? null : container.saidLatency;
        writer.distribution(Catalogue.CPU_RUNQUEUE_LATENCY, 0, container.latency.toFlat(), 0, before, 0);
    }
}
