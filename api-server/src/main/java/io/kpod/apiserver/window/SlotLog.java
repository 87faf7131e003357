package io.kpod.apiserver.window;

import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.MalformedSummaryException;
import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryLimits;
import io.kpod.summary.wire.SummaryReader;
import io.kpod.summary.wire.SummaryWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The slots of one node, oldest first: one per push for a while, then merged into coarser ones, then gone. Guarded by
 * the node's lock; the slots themselves don't change and are read without it.
 */
final class SlotLog {
    private final WindowSettings settings;
    private final List<Slot> slots = new ArrayList<>();
    private long bytes;

    SlotLog(WindowSettings settings) {
        this.settings = settings;
    }

    /** Adds the newest slot; drops and merges old ones. */
    void append(Slot slot, String node) {
        slots.add(slot);
        bytes += slot.sizeBytes();
        mergeOldest(slot.span.toNanos(), node);
        expire(slot.span.toNanos());
    }

    /** Drops what is beyond the retention, or beyond the node's share of memory. */
    void expire(long nowNanos) {
        while (!slots.isEmpty()
                && (nowNanos - slots.getFirst().span.toNanos()
                                >= settings.retention().toNanos()
                        || bytes > settings.maxBytesPerNode())) {
            bytes -= slots.removeFirst().sizeBytes();
        }
    }

    long bytes() {
        return bytes;
    }

    /**
     * The slots that mostly lie within the window that ends with the newest one; that one in any case. Oldest first.
     */
    List<Slot> last(long windowNanos) {
        if (slots.isEmpty()) {
            return List.of();
        }
        long from = slots.getLast().span.toNanos() - windowNanos;
        int first = slots.size() - 1;
        while (first > 0 && slots.get(first - 1).span.mostlyAfter(from)) {
            first--;
        }
        return List.copyOf(slots.subList(first, slots.size()));
    }

    /**
     * The same for polled metrics: the window ends with the last reading of the slow sources and consists of whole
     * times between two such readings, at least of the last one. So a window that is shorter than the poll interval
     * answers over one interval, and none counts part of a lump.
     */
    List<Slot> lastPolled(long windowNanos) {
        int last = slots.size() - 1;
        while (last >= 0 && slots.get(last).polled.nanos() == 0) {
            last--;
        }
        if (last < 0) {
            return List.of();
        }
        long from = slots.get(last).polled.toNanos() - windowNanos;
        int first = last;
        while (first > 0
                && (slots.get(first - 1).polled.nanos() == 0
                        || slots.get(first - 1).polled.mostlyAfter(from))) {
            first--;
        }
        return List.copyOf(slots.subList(first, last + 1));
    }

    /** Merges the oldest run of fine slots once it is old enough and long enough. */
    private void mergeOldest(long nowNanos, String node) {
        int from = 0;
        while (from < slots.size() && slots.get(from).coarse) {
            from++;
        }
        long covered = 0;
        int to = from;
        while (to < slots.size()
                && covered < settings.coarse().toNanos()
                && nowNanos - slots.get(to).span.toNanos() > settings.fine().toNanos()
                && slots.get(to).labels == slots.get(from).labels) {
            covered += slots.get(to).span.nanos();
            to++;
        }
        boolean runEnds = to < slots.size()
                && to > from
                && nowNanos - slots.get(to).span.toNanos() > settings.fine().toNanos();
        if (covered >= settings.coarse().toNanos() || runEnds) {
            List<Slot> run = slots.subList(from, to);
            Slot merged = merge(run, node, settings.limits());
            for (Slot slot : run) {
                bytes -= slot.sizeBytes();
            }
            run.clear();
            slots.add(from, merged);
            bytes += merged.sizeBytes();
        }
    }

    private static Slot merge(List<Slot> run, String node, SummaryLimits limits) {
        Slot last = run.getLast();
        Map<Integer, Sums> byRef = new TreeMap<>();
        long[] scratch = new long[Histogram.WIDTH];
        for (Slot slot : run) {
            for (int ref : slot.refs()) {
                Sums sums = byRef.computeIfAbsent(ref, r -> Sums.ofWhatComes());
                sums.labels(slot.labels);
                slot.samples(ref, limits, scratch, sums);
            }
        }
        Span span = new Span(
                last.span.toNanos()
                        - run.stream().mapToLong(slot -> slot.span.nanos()).sum(),
                last.span.toNanos());
        SummaryWriter writer = new SummaryWriter();
        writer.begin(new SummaryHeader(node, last.session.id, 1, false, span.nanos(), 0, 0, 0, 0, 0));
        Map<String, Integer> labels = last.labels.indices();
        byRef.forEach((ref, sums) -> {
            writer.beginContainer(ref, null, false);
            sums.write(writer, labels);
            writer.endContainer();
        });
        byte[] body = writer.finish();
        return new Slot(last.session, last.labels, span, polled(run), true, body, parts(body, limits));
    }

    /** As long as the slots' polls were, and with the end of the last of them. */
    private static Span polled(List<Slot> run) {
        long nanos = 0;
        long to = run.getLast().polled.toNanos();
        for (Slot slot : run) {
            if (slot.polled.nanos() > 0) {
                nanos += slot.polled.nanos();
                to = slot.polled.toNanos();
            }
        }
        return new Span(to - nanos, to);
    }

    /** Where the containers of a body stand that this server has written itself. */
    static List<SummaryReader.ContainerPart> parts(byte[] body, SummaryLimits limits) {
        try {
            return SummaryReader.read(body, limits).containers();
        } catch (MalformedSummaryException e) {
            throw new IllegalStateException("this server's own summary can't be read", e);
        }
    }
}
