package io.kpod.apiserver.window;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The slots of one node, oldest first: one per push for a while, then merged into coarser ones, then gone. Guarded by
 * the node's lock.
 */
final class SlotLog {
    private final WindowSettings settings;
    /** The coarse ones, then the fine ones. */
    private final List<Slot> slots = new ArrayList<>();

    private SlotBytes fine = new SlotBytes();
    private SlotBytes coarse = new SlotBytes();
    private long bytes;

    SlotLog(WindowSettings settings) {
        this.settings = settings;
    }

    /** Adds the newest slot, whose content is the workspace's; drops and merges old ones. */
    void append(AgentSession session, Span span, Span polled, Workspace work) {
        Slot slot = slot(session, span, polled, false, fine, work);
        slots.add(slot);
        bytes += slot.length();
        mergeOldest(span.toNanos(), work);
        expire(span.toNanos());
    }

    /** Drops what is beyond the retention, or beyond the node's share of memory. */
    void expire(long nowNanos) {
        while (!slots.isEmpty()
                && (nowNanos - slots.getFirst().span().toNanos()
                                >= settings.retention().toNanos()
                        || bytes > settings.maxBytesPerNode())) {
            Slot oldest = slots.removeFirst();
            bytesOf(oldest).dropUntil(oldest.end());
            bytes -= oldest.length();
        }
    }

    long bytes() {
        return bytes;
    }

    /**
     * The slots that mostly lie within the window that ends with the newest one; that one in any case. Oldest first; not
     * to be kept.
     */
    List<Slot> last(long windowNanos) {
        if (slots.isEmpty()) {
            return List.of();
        }
        long from = slots.getLast().span().toNanos() - windowNanos;
        int first = slots.size() - 1;
        while (first > 0 && slots.get(first - 1).span().mostlyAfter(from)) {
            first--;
        }
        return slots.subList(first, slots.size());
    }

    /**
     * The same for polled metrics: the window ends with the last reading of the slow sources and consists of whole
     * times between two such readings, at least of the last one. So a window that is shorter than the poll interval
     * answers over one interval, and none counts part of a lump.
     */
    List<Slot> lastPolled(long windowNanos) {
        int last = slots.size() - 1;
        while (last >= 0 && slots.get(last).polled().nanos() == 0) {
            last--;
        }
        if (last < 0) {
            return List.of();
        }
        long from = slots.get(last).polled().toNanos() - windowNanos;
        int first = last;
        while (first > 0
                && (slots.get(first - 1).polled().nanos() == 0
                        || slots.get(first - 1).polled().mostlyAfter(from))) {
            first--;
        }
        return slots.subList(first, last + 1);
    }

    /** Appends what a container has in these slots. */
    void copy(List<Slot> wanted, AgentSession session, int ref, PackedSeries out) {
        // an agent tells of its containers in the same order each time
        int place = 0;
        for (Slot slot : wanted) {
            if (slot.session() == session) {
                place = slot.copy(bytesOf(slot), ref, place, out);
            }
        }
    }

    /** Marks the labels that increments have. */
    void markLabels(boolean[] inUse, Workspace work) {
        for (Slot slot : slots) {
            byte[] array = bytesOf(slot).array();
            slot.containers(
                    bytesOf(slot), (ref, from, to) -> PackedSeries.markLabels(array, from, to, work.entry, inUse));
        }
    }

    /** Takes over other indices of labels. */
    void relabel(int[] labels, Workspace work) {
        SlotBytes newFine = new SlotBytes();
        SlotBytes newCoarse = new SlotBytes();
        bytes = 0;
        slots.replaceAll(slot -> {
            SlotBytes old = bytesOf(slot);
            work.slot.clear();
            slot.containers(old, (ref, from, to) -> {
                work.container.clear();
                work.container.relabelled(old.array(), from, to, labels);
                work.slot.container(ref, work.container);
            });
            bytes += work.slot.length();
            return slot(
                    slot.session(),
                    slot.span(),
                    slot.polled(),
                    slot.coarse(),
                    slot.coarse() ? newCoarse : newFine,
                    work);
        });
        fine = newFine;
        coarse = newCoarse;
    }

    /** Keeps the workspace's content. */
    private static Slot slot(
            AgentSession session, Span span, Span polled, boolean coarse, SlotBytes bytes, Workspace work) {
        SlotContent content = work.slot;
        return new Slot(session, span, polled, coarse, bytes.append(content), content.length(), content.containers());
    }

    private SlotBytes bytesOf(Slot slot) {
        return slot.coarse() ? coarse : fine;
    }

    /** Merges the oldest run of fine slots once it is old enough and long enough. */
    private void mergeOldest(long nowNanos, Workspace work) {
        int from = 0;
        while (from < slots.size() && slots.get(from).coarse()) {
            from++;
        }
        long covered = 0;
        int to = from;
        while (to < slots.size()
                && covered < settings.coarse().toNanos()
                && isOld(slots.get(to), nowNanos)
                && slots.get(to).session() == slots.get(from).session()) {
            covered += slots.get(to).span().nanos();
            to++;
        }
        boolean runEnds = to < slots.size() && to > from && isOld(slots.get(to), nowNanos);
        if (covered >= settings.coarse().toNanos() || runEnds) {
            List<Slot> run = slots.subList(from, to);
            Slot merged = merge(run, work);
            fine.dropUntil(run.getLast().end());
            for (Slot slot : run) {
                bytes -= slot.length();
            }
            run.clear();
            slots.add(from, merged);
            bytes += merged.length();
        }
    }

    private boolean isOld(Slot slot, long nowNanos) {
        return nowNanos - slot.span().toNanos() > settings.fine().toNanos();
    }

    private Slot merge(List<Slot> run, Workspace work) {
        byte[] array = fine.array();
        Map<Integer, List<int[]>> places = new LinkedHashMap<>();
        for (Slot slot : run) {
            slot.containers(
                    fine,
                    (ref, from, to) -> places.computeIfAbsent(ref, one -> new ArrayList<>(run.size()))
                            .add(new int[] {from, to}));
        }
        work.slot.clear();
        places.forEach((ref, parts) -> {
            work.increments.clear();
            work.increments.labels(Increments.AS_THEY_ARE);
            for (int[] part : parts) {
                work.increments.restart();
                PackedSeries.visit(array, part[0], part[1], work.increments);
            }
            work.container.clear();
            work.increments.write(work.container);
            work.slot.container(ref, work.container);
        });
        Slot last = run.getLast();
        Span span = new Span(
                last.span().toNanos()
                        - run.stream().mapToLong(slot -> slot.span().nanos()).sum(),
                last.span().toNanos());
        return slot(last.session(), span, polled(run), true, coarse, work);
    }

    /** As long as the slots' polls were, and with the end of the last of them. */
    private static Span polled(List<Slot> run) {
        long nanos = 0;
        long to = run.getLast().polled().toNanos();
        for (Slot slot : run) {
            if (slot.polled().nanos() > 0) {
                nanos += slot.polled().nanos();
                to = slot.polled().toNanos();
            }
        }
        return new Span(to - nanos, to);
    }
}
