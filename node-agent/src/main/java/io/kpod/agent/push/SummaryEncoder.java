package io.kpod.agent.push;

import io.kpod.agent.container.ContainerName;
import io.kpod.agent.snapshot.ContainerReading;
import io.kpod.agent.snapshot.Series;
import io.kpod.summary.Catalogue;
import io.kpod.summary.wire.CollectorReport;
import io.kpod.summary.wire.ContainerIdentity;
import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryLimits;
import io.kpod.summary.wire.SummaryWriter;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongPredicate;

/**
 * Makes summaries of readings and remembers what the last one said, so that the next can carry the increments. One
 * sequence number a reading: call {@link #increments} and {@link #complete} as often as wanted for it, then {@link
 * #advance}. For one thread, which holds the readings' lock.
 */
final class SummaryEncoder {
    /** What earlier summaries said of a container. */
    private static final class Said {
        long[] values = {};
        /** Sequence of the summary that said that it ended; 0 before. */
        long endSequence;

        void values(long[] now) {
            if (values.length < now.length) {
                values = new long[now.length];
            }
            System.arraycopy(now, 0, values, 0, now.length);
        }
    }

    private static final long[] NOTHING = {};

    /** Label values of containers that are gone stay in the table until there are so many; a reader takes twice as many. */
    private static final int MOST_STRINGS = SummaryLimits.DEFAULT.maxStrings() / 2;

    /** Of one container there can't be more series of those that are gone than new strings. */
    private static final int MOST_MORE_STRINGS = SummaryLimits.DEFAULT.maxSeriesPerContainer() / 2;

    private final SummaryWriter writer = new SummaryWriter();
    private final Map<ContainerReading, Said> said = new IdentityHashMap<>();
    /** Indices of the session's strings, from 1, in their order. */
    private final Map<String, Integer> strings = new LinkedHashMap<>();

    /** How many of them were said by the sequence before. */
    private int saidStrings;

    /** How many there were when the table was last started anew, once all that had to be named was. */
    private int firstStrings;

    /** Of the series that are told of together. */
    private int[] labels = {};

    private long[] counts = {};

    /**
     * Starts the table of strings anew when it has grown too long: neighbours that take the CPU come and go, and a reader
     * keeps series of those that went until totals don't mention them.
     *
     * @return true: this sequence must be complete for everybody
     */
    boolean renewStrings() {
        if (strings.size() < MOST_STRINGS && strings.size() - firstStrings < MOST_MORE_STRINGS) {
            return false;
        }
        strings.clear();
        saidStrings = 0;
        return true;
    }

    /** What has changed since the sequence before. */
    byte[] increments(SummaryHeader header, List<ContainerReading> containers) {
        writer.begin(header);
        learnStrings(containers);
        strings.keySet().stream().skip(saidStrings).forEach(writer::string);
        for (ContainerReading container : containers) {
            Said before = said.get(container);
            boolean endsNow = container.ended() && (before == null || before.endSequence == 0);
            if (container.ended() && !endsNow) {
                continue;
            }
            if (before == null || endsNow || changed(container.values(), before.values)) {
                writer.beginContainer(container.ref(), before == null ? identity(container) : null, container.ended());
                values(container, before == null ? NOTHING : before.values);
                writer.endContainer();
            }
        }
        return writer.finish();
    }

    /**
     * All totals.
     *
     * @param knowsEnd whether the receiver has acknowledged a sequence, and so the end of the containers that ended by
     *     then
     */
    byte[] complete(
            SummaryHeader header,
            List<ContainerReading> containers,
            List<CollectorReport> collectors,
            LongPredicate knowsEnd) {
        writer.begin(header);
        learnStrings(containers);
        strings.keySet().forEach(writer::string);
        collectors.forEach(writer::collector);
        for (ContainerReading container : containers) {
            Said before = said.get(container);
            if (before == null || before.endSequence == 0 || !knowsEnd.test(before.endSequence)) {
                writer.beginContainer(container.ref(), identity(container), container.ended());
                values(container, NOTHING);
                writer.endContainer();
            }
        }
        return writer.finish();
    }

    /**
     * Remembers this reading as that of {@code sequence}, and marks the ended containers whose end everybody has
     * acknowledged.
     */
    void advance(long sequence, List<ContainerReading> containers, LongPredicate everybodyKnows) {
        if (saidStrings == 0) {
            firstStrings = strings.size();
        }
        saidStrings = strings.size();
        for (ContainerReading container : containers) {
            container.markShown();
            Said now = said.computeIfAbsent(container, one -> new Said());
            if (!container.ended()) {
                now.values(container.values());
            } else if (now.endSequence == 0) {
                now.endSequence = sequence;
                // no increments come after the end
                now.values = NOTHING;
            }
            if (now.endSequence != 0 && everybodyKnows.test(now.endSequence)) {
                container.markPushed();
            }
        }
        if (said.size() > containers.size()) {
            Map<ContainerReading, Boolean> present = new IdentityHashMap<>();
            containers.forEach(container -> present.put(container, true));
            said.keySet().removeIf(container -> !present.containsKey(container));
        }
    }

    private void learnStrings(List<ContainerReading> containers) {
        for (ContainerReading container : containers) {
            learn(container.series());
            learn(container.preemptors());
        }
    }

    private void learn(List<Series> series) {
        for (int i = 0; i < series.size(); i++) {
            String label = series.get(i).labels();
            if (!label.isEmpty() && !strings.containsKey(label)) {
                strings.put(label, strings.size() + 1);
            }
        }
    }

    private int string(String labels) {
        return labels.isEmpty() ? 0 : strings.getOrDefault(labels, 0);
    }

    private void values(ContainerReading container, long[] before) {
        List<Series> all = container.series();
        long[] now = container.values();
        for (int i = 0; i < all.size(); i++) {
            Series series = all.get(i);
            int at = series.offset();
            int width = series.metric().type().width();
            boolean had = at < before.length;
            if (had && !changed(now, before, at, width)) {
                continue;
            }
            switch (series.metric().type()) {
                case COUNTER ->
                    writer.counter(series.metric(), string(series.labels()), now[at] - (had ? before[at] : 0));
                case GAUGE -> writer.gauge(series.metric(), string(series.labels()), Double.longBitsToDouble(now[at]));
                case DISTRIBUTION ->
                    writer.distribution(series.metric(), string(series.labels()), now, at, had ? before : null, at);
            }
        }
        preemptors(container.preemptors(), now, before);
    }

    private void preemptors(List<Series> all, long[] now, long[] before) {
        if (labels.length < all.size()) {
            labels = new int[all.size()];
            counts = new long[all.size()];
        }
        int some = 0;
        for (int i = 0; i < all.size(); i++) {
            int at = all.get(i).offset();
            long count = now[at] - (at < before.length ? before[at] : 0);
            if (count != 0) {
                labels[some] = string(all.get(i).labels());
                counts[some++] = count;
            }
        }
        writer.counters(Catalogue.CPU_PREEMPTORS, labels, counts, some);
    }

    private static boolean changed(long[] now, long[] before) {
        return now.length != before.length || changed(now, before, 0, now.length);
    }

    private static boolean changed(long[] now, long[] before, int offset, int width) {
        return Arrays.mismatch(now, offset, offset + width, before, offset, offset + width) >= 0;
    }

    private static ContainerIdentity identity(ContainerReading container) {
        ContainerName name = Objects.requireNonNull(container.name());
        return new ContainerIdentity(
                name.namespace(),
                name.pod(),
                name.podUid(),
                name.container(),
                name.containerId(),
                container.startedUnixMillis());
    }
}
