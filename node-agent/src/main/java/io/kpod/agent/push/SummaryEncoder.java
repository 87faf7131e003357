package io.kpod.agent.push;

import io.kpod.agent.container.ContainerName;
import io.kpod.agent.snapshot.ContainerReading;
import io.kpod.agent.snapshot.Series;
import io.kpod.agent.snapshot.SeriesLayout;
import io.kpod.summary.wire.CollectorReport;
import io.kpod.summary.wire.ContainerIdentity;
import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryWriter;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes summaries of readings and remembers what the last one said, so that the next can carry the increments. One
 * sequence number a reading: call {@link #increments} and {@link #complete} as often as wanted for it, then {@link
 * #advance}. For one thread, which holds the readings' lock.
 */
final class SummaryEncoder {
    /** What earlier summaries said of a container. */
    private static final class Said {
        final long[] values;
        /** Sequence of the summary that said that it ended; 0 before. */
        long endSequence;

        Said(int width) {
            this.values = new long[width];
        }
    }

    private final SummaryWriter writer = new SummaryWriter();
    private final Map<ContainerReading, Said> said = new IdentityHashMap<>();
    private final SeriesLayout layout;
    private final List<String> strings = new ArrayList<>();
    private final int[] stringOfSeries;

    SummaryEncoder(SeriesLayout layout) {
        this.layout = layout;
        this.stringOfSeries = new int[layout.series().size()];
        for (int i = 0; i < stringOfSeries.length; i++) {
            String value = layout.series().get(i).labelValue();
            if (value != null) {
                if (!strings.contains(value)) {
                    strings.add(value);
                }
                stringOfSeries[i] = strings.indexOf(value) + 1;
            }
        }
    }

    /** What has changed since the sequence before. */
    byte[] increments(SummaryHeader header, List<ContainerReading> containers) {
        writer.begin(header);
        for (ContainerReading container : containers) {
            Said before = said.get(container);
            boolean endsNow = container.ended() && (before == null || before.endSequence == 0);
            if (container.ended() && !endsNow) {
                continue;
            }
            if (before == null || endsNow || changed(container.values(), before.values)) {
                writer.beginContainer(container.ref(), before == null ? identity(container) : null, container.ended());
                values(container.values(), before == null ? null : before.values);
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
        strings.forEach(writer::string);
        collectors.forEach(writer::collector);
        for (ContainerReading container : containers) {
            Said before = said.get(container);
            if (before == null || before.endSequence == 0 || !knowsEnd.test(before.endSequence)) {
                writer.beginContainer(container.ref(), identity(container), container.ended());
                values(container.values(), null);
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
        for (ContainerReading container : containers) {
            Said now = said.computeIfAbsent(container, one -> new Said(layout.width()));
            System.arraycopy(container.values(), 0, now.values, 0, layout.width());
            if (container.ended() && now.endSequence == 0) {
                now.endSequence = sequence;
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

    private void values(long[] now, long @Nullable [] before) {
        for (int i = 0; i < stringOfSeries.length; i++) {
            Series series = layout.series().get(i);
            int at = series.offset();
            int width = series.metric().type().width();
            if (before != null && !changed(now, before, at, width)) {
                continue;
            }
            switch (series.metric().type()) {
                case COUNTER ->
                    writer.counter(series.metric(), stringOfSeries[i], now[at] - (before == null ? 0 : before[at]));
                case GAUGE -> writer.gauge(series.metric(), stringOfSeries[i], Double.longBitsToDouble(now[at]));
                case DISTRIBUTION -> writer.distribution(series.metric(), stringOfSeries[i], now, at, before, at);
            }
        }
    }

    private static boolean changed(long[] now, long[] before) {
        return changed(now, before, 0, now.length);
    }

    private static boolean changed(long[] now, long[] before, int offset, int width) {
        return java.util.Arrays.mismatch(now, offset, offset + width, before, offset, offset + width) >= 0;
    }

    private static ContainerIdentity identity(ContainerReading container) {
        ContainerName name = java.util.Objects.requireNonNull(container.name());
        return new ContainerIdentity(
                name.namespace(),
                name.pod(),
                name.podUid(),
                name.container(),
                name.containerId(),
                container.startedUnixMillis());
    }
}
