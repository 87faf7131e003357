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
 * A family's array, mapped: for each slot one struct, or one for each value of its metrics' label, whose members the
 * catalogue names. A counter is a member of 64 bits; a
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
     * @param structs how many a slot has
     * @param structSize bytes of the struct
     * @param fields where its members begin
     * @param metrics whose series are read, in this order; those without members of their own are left out
     */
    public SlotValues(
            BpfMap map, Arena arena, int structs, long structSize, Map<String, Integer> fields, List<Metric> metrics)
            throws BpfException {
        values = map.mmap(arena);
        stride = structs * map.stride();
        size = stride - map.stride() + structSize;
        List<Long> offsets = new ArrayList<>();
        List<Integer> widths = new ArrayList<>();
        for (Metric metric : metrics) {
            for (String field : metric.fields()) {
                Integer offset = fields.get(field);
                if (offset == null) {
                    throw new IllegalStateException(
                            metric.name() + " stands in " + field + ", which map " + map.name() + " has not");
                }
                for (int struct = 0; struct < structs; struct++) {
                    offsets.add(struct * map.stride() + offset);
                    widths.add(metric.type().width());
                }
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

    /** Where a slot's first struct begins in {@link #segment}. */
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
