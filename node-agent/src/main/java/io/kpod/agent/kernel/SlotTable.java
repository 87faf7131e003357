package io.kpod.agent.kernel;

import io.kpod.bpf.layout.KpodSlot;
import io.kpod.bpf.layout.KpodSlotState;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/**
 * The kernel's array {@code slots}, mapped. A record is written by whoever took its slot from the free queue, and its
 * state last (release); so who reads the state first (acquire) sees the rest. ENDED is set by the kernel, or for a
 * death that it missed by the walk; FREE by user space alone.
 */
final class SlotTable {
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment records;
    private final long stride;

    SlotTable(MemorySegment records, long stride) {
        this.records = records;
        this.stride = stride;
    }

    /** One of {@link KpodSlotState}'s. */
    int state(int slot) {
        return (int) INT.getAcquire(records, slot * stride + KpodSlot.STATE_OFFSET);
    }

    long generation(int slot) {
        return KpodSlot.generation(records, slot * stride);
    }

    long cgroupId(int slot) {
        return KpodSlot.cgroupId(records, slot * stride);
    }

    long bornNanos(int slot) {
        return KpodSlot.bornNanos(records, slot * stride);
    }

    long endedNanos(int slot) {
        return KpodSlot.endedNanos(records, slot * stride);
    }

    boolean walked(int slot) {
        return KpodSlot.walked(records, slot * stride) != 0;
    }

    String path(int slot) {
        return records.getString(slot * stride + KpodSlot.PATH_OFFSET, StandardCharsets.UTF_8);
    }

    /** Fills the record of a slot just taken from the free queue; not visible to readers before {@link #live}. */
    void write(int slot, long cgroupId, String path, long bornNanos) {
        long offset = slot * stride;
        KpodSlot.generation(records, offset, KpodSlot.generation(records, offset) + 1);
        KpodSlot.cgroupId(records, offset, cgroupId);
        KpodSlot.bornNanos(records, offset, bornNanos);
        KpodSlot.endedNanos(records, offset, 0);
        KpodSlot.walked(records, offset, 1);
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, KpodSlot.PATH_LENGTH - 1);
        MemorySegment.copy(bytes, 0, records, ValueLayout.JAVA_BYTE, offset + KpodSlot.PATH_OFFSET, length);
        records.set(ValueLayout.JAVA_BYTE, offset + KpodSlot.PATH_OFFSET + length, (byte) 0);
    }

    void live(int slot) {
        INT.setRelease(records, slot * stride + KpodSlot.STATE_OFFSET, KpodSlotState.SLOT_LIVE);
    }

    /** Ends what the kernel did not see end. */
    void ended(int slot, long nanos) {
        KpodSlot.endedNanos(records, slot * stride, nanos);
        INT.compareAndSet(
                records, slot * stride + KpodSlot.STATE_OFFSET, KpodSlotState.SLOT_LIVE, KpodSlotState.SLOT_ENDED);
    }

    void free(int slot) {
        INT.setRelease(records, slot * stride + KpodSlot.STATE_OFFSET, KpodSlotState.SLOT_FREE);
    }
}
