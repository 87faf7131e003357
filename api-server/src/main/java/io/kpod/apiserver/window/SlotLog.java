package io.kpod.apiserver.window;

import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.MalformedSummaryException;
import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryLimits;
import io.kpod.summary.wire.SummaryReader;
import io.kpod.summary.wire.SummaryWriter;
import java.util.ArrayList;
import java.util.Arrays;
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
        mergeOldest(slot.endNanos, node);
        expire(slot.endNanos);
    }

    /** Drops what is beyond the retention, or beyond the node's share of memory. */
    void expire(long nowNanos) {
        while (!slots.isEmpty()
                && (nowNanos - slots.getFirst().endNanos >= settings.retention().toNanos()
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
        long from = slots.getLast().endNanos - windowNanos;
        int first = slots.size() - 1;
        while (first > 0 && slots.get(first - 1).mostlyAfter(from)) {
            first--;
        }
        return List.copyOf(slots.subList(first, slots.size()));
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
                && nowNanos - slots.get(to).endNanos > settings.fine().toNanos()
                && slots.get(to).session == slots.get(from).session
                && slots.get(to).table == slots.get(from).table) {
            covered += slots.get(to).intervalNanos;
            to++;
        }
        boolean runEnds = to < slots.size()
                && to > from
                && nowNanos - slots.get(to).endNanos > settings.fine().toNanos();
        if (covered >= settings.coarse().toNanos() || runEnds) {
            List<Slot> run = slots.subList(from, to);
            Slot merged = merge(run, covered, node, settings.limits());
            for (Slot slot : run) {
                bytes -= slot.sizeBytes();
            }
            run.clear();
            slots.add(from, merged);
            bytes += merged.sizeBytes();
        }
    }

    private static Slot merge(List<Slot> run, long covered, String node, SummaryLimits limits) {
        Slot last = run.getLast();
        Map<Integer, Sums> byRef = new TreeMap<>();
        long[] scratch = new long[Histogram.WIDTH];
        for (Slot slot : run) {
            for (int ref : slot.refs()) {
                Sums sums = byRef.computeIfAbsent(ref, r -> new Sums(metric -> true));
                sums.strings(slot.strings);
                slot.samples(ref, limits, scratch, sums);
            }
        }
        SummaryWriter writer = new SummaryWriter();
        writer.begin(new SummaryHeader(node, last.session.id, 1, false, covered, 0, 0, 0, 0));
        List<String> table = Arrays.asList(last.strings);
        byRef.forEach((ref, sums) -> {
            writer.beginContainer(ref, null, false);
            sums.write(writer, table);
            writer.endContainer();
        });
        byte[] body = writer.finish();
        return new Slot(
                last.session, last.table, last.strings, covered, last.endNanos, true, body, parts(body, limits));
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
