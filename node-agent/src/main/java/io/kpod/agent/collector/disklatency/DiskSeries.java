package io.kpod.agent.collector.disklatency;

import io.kpod.agent.collector.LabelledSeries;
import io.kpod.agent.kernel.SlotArray;
import io.kpod.bpf.layout.KpodDiskKey;
import io.kpod.bpf.layout.KpodDiskLatency;
import io.kpod.bpf.layout.KpodDiskLatencyMaps;
import io.kpod.bpf.layout.KpodDiskOperation;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfMap;
import io.kpod.libbpf.BpfObject;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's array {@code disk_latency}: series that the kernel takes from a queue, one for each slot, device and
 * operation that there is, and that are freed here with their slot. Which series a slot has is kept as a list through
 * {@link #next}, made anew when the kernel has taken another.
 */
final class DiskSeries implements SlotArray {
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    /** Ends a list; the kernel does not use series 0. */
    private static final int NONE = 0;

    private final BpfMap bySlot;
    private final BpfMap free;
    private final MemorySegment values;
    private final long stride;
    private final MemorySegment use;
    private final MemorySegment key;
    private final MemorySegment number;
    private final int[] first;
    private final int[] next;
    private final @Nullable String[] labels;
    private long taken;
    private long freed;

    DiskSeries(BpfObject object, Arena arena, MemorySegment use, int slots) throws BpfException {
        this.use = use;
        BpfMap map = object.map("disk_latency");
        values = map.mmap(arena);
        stride = map.stride();
        bySlot = object.map("disk_series");
        free = object.map("free_disk_series");
        key = arena.allocate(KpodDiskKey.SIZE, Long.BYTES);
        number = arena.allocate(ValueLayout.JAVA_INT);
        first = new int[slots + 1];
        next = new int[map.maxEntries()];
        labels = new String[map.maxEntries()];
        for (int index = 1; index < next.length; index++) {
            number.set(ValueLayout.JAVA_INT, 0, index);
            free.push(number);
        }
    }

    /** How many series are taken. */
    synchronized long used() {
        return takenByKernel() - freed;
    }

    /** Copies the slot's series. */
    synchronized void read(int slot, LabelledSeries into) {
        refresh();
        for (int index = first[slot]; index != NONE; index = next[index]) {
            int offset = into.offset(Catalogue.DISK_IO_LATENCY, labels(index));
            // struct kpod_histogram and the flat form are the same; aligned longs are copied whole
            MemorySegment.copy(values, ValueLayout.JAVA_LONG, index * stride, into.values(), offset, Histogram.WIDTH);
        }
    }

    @Override
    public synchronized void clear(int slot) throws BpfException {
        refresh();
        for (int index = first[slot]; index != NONE; index = next[index]) {
            long base = index * stride;
            INT.setRelease(values, base + KpodDiskLatency.USED_OFFSET, 0);
            key.copyFrom(values.asSlice(base + KpodDiskLatency.KEY_SLOT_OFFSET, KpodDiskKey.SIZE));
            bySlot.delete(key);
            values.asSlice(base, KpodDiskLatency.SIZE).fill((byte) 0);
            labels[index] = null;
            number.set(ValueLayout.JAVA_INT, 0, index);
            free.push(number);
            freed++;
        }
        first[slot] = NONE;
    }

    /** The count is the last that the kernel writes when it takes a series: who sees it sees the series. */
    private void refresh() {
        long now = takenByKernel();
        if (now == taken) {
            return;
        }
        taken = now;
        Arrays.fill(first, NONE);
        for (int index = 1; index < next.length; index++) {
            long base = index * stride;
            if ((int) INT.getAcquire(values, base + KpodDiskLatency.USED_OFFSET) != 0) {
                int slot = KpodDiskLatency.keySlot(values, base);
                next[index] = first[slot];
                first[slot] = index;
            }
        }
    }

    private long takenByKernel() {
        return (long) LONG.getAcquire(use, (long) KpodDiskLatencyMaps.SERIES_OFFSET);
    }

    private String labels(int index) {
        String known = labels[index];
        if (known == null) {
            long base = index * stride;
            known = values.getString(base + KpodDiskLatency.NAME_OFFSET, StandardCharsets.UTF_8)
                    + Metric.LABEL_SEPARATOR
                    + operation(KpodDiskLatency.keyOperation(values, base));
            labels[index] = known;
        }
        return known;
    }

    private static String operation(int operation) {
        return switch (operation) {
            case KpodDiskOperation.DISK_READ -> "read";
            case KpodDiskOperation.DISK_WRITE -> "write";
            case KpodDiskOperation.DISK_DISCARD -> "discard";
            case KpodDiskOperation.DISK_FLUSH -> "flush";
            default -> throw new IllegalStateException("operation " + operation + " is none of the kernel program's");
        };
    }
}
