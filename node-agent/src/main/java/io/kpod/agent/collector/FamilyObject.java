package io.kpod.agent.collector;

import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.SlotArray;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfObject;
import java.io.IOException;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/** A family's kernel object, and the memory that is mapped of it: what its collector closes. */
public final class FamilyObject implements AutoCloseable {
    /** Makes a collector. */
    @FunctionalInterface
    public interface Maker {
        /** Of an object that is not loaded yet; if it fails, the object is closed. */
        Collector make(FamilyObject opened) throws BpfException, UnsupportedKernelException;
    }

    private final ContainerSlots slots;
    private final BpfObject object;
    private final Arena arena = Arena.ofShared();
    private @Nullable SlotArray array;

    private FamilyObject(ContainerSlots slots, BpfObject object) {
        this.slots = slots;
        this.object = object;
    }

    /**
     * The collector of a family; off, with the reason, where the kernel or the rights don't allow it.
     *
     * @param name the collector's
     * @param object the kernel object's
     */
    public static Collector open(String name, String object, ContainerSlots slots, Maker maker) {
        try {
            FamilyObject opened = new FamilyObject(slots, slots.openFamily(object));
            try {
                return maker.make(opened);
            } catch (BpfException | UnsupportedKernelException | RuntimeException e) {
                opened.close();
                throw e;
            }
        } catch (BpfException | UnsupportedKernelException | IOException e) {
            return Collector.off(name, String.valueOf(e.getMessage()));
        }
    }

    /** The slots that it counts by. */
    public ContainerSlots slots() {
        return slots;
    }

    /** The object itself. */
    public BpfObject object() {
        return object;
    }

    /** What its maps are mapped in. */
    public Arena arena() {
        return arena;
    }

    /** Has the family's array told of slots that are given back, until this is closed. */
    public void register(SlotArray ofFamily) {
        array = ofFamily;
        slots.register(ofFamily);
    }

    @Override
    public void close() {
        if (array != null) {
            slots.unregister(array);
        }
        object.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
