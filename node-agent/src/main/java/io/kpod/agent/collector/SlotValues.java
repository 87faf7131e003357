package io.kpod.agent.collector;

import io.kpod.agent.kernel.SlotArray;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfMap;
import io.kpod.summary.Metric;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A family's array, mapped: one struct a slot, whose members the catalogue names. A counter is a member of 64 bits; a
 * distribution is a {@code struct kpod_histogram}, which is the flat form of {@link io.kpod.summary.histogram.Histogram}.
 */
public final class SlotValues implements SlotArray {
    private final MemorySegment values;
    private final long stride;
    private final long size;
    private final long[] memberOffsets;
    private final int[] memberWidths;
    private final int width;

    /**
     * Maps the array.
     *
     * @param structSize bytes of the struct
     * @param fields where its members begin
     * @param metrics whose series are read, in this order; those without members of their own are left out
     */
    public SlotValues(BpfMap map, Arena arena, long structSize, Map<String, Integer> fields, List<Metric> metrics)
            throws BpfException {
        values = map.mmap(arena);
        stride = map.stride();
        size = structSize;
        List<Long> offsets = new ArrayList<>();
        List<Integer> widths = new ArrayList<>();
        for (Metric metric : metrics) {
            for (String field : metric.fields()) {
                Integer offset = fields.get(field);
                if (offset == null) {
                    throw new IllegalStateException(
                            metric.name() + " stands in " + field + ", which map " + map.name() + " has not");
                }
                offsets.add((long) offset);
                widths.add(metric.type().width());
            }
        }
        memberOffsets = offsets.stream().mapToLong(Long::longValue).toArray();
        memberWidths = widths.stream().mapToInt(Integer::intValue).toArray();
        width = widths.stream().mapToInt(Integer::intValue).sum();
    }

    /** Longs that {@link #read} writes. */
    public int width() {
        return width;
    }

    /** Copies the slot's members; aligned longs are copied whole. */
    public void read(int slot, long[] into, int offset) {
        long base = slot * stride;
        int at = offset;
        for (int member = 0; member < memberOffsets.length; member++) {
            int longs = memberWidths[member];
            MemorySegment.copy(values, ValueLayout.JAVA_LONG, base + memberOffsets[member], into, at, longs);
            at += longs;
        }
    }

    /** Where a slot's struct begins in {@link #segment}. */
    public long base(int slot) {
        return slot * stride;
    }

    /** All structs. */
    public MemorySegment segment() {
        return values;
    }

    @Override
    public void clear(int slot) {
        values.asSlice(slot * stride, size).fill((byte) 0);
    }
}
