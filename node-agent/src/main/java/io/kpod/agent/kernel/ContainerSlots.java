package io.kpod.agent.kernel;

import io.kpod.bpf.layout.KpodSlotCounters;
import io.kpod.bpf.layout.KpodSlotState;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfMap;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.Capability;
import io.kpod.libbpf.Kernel;
import io.kpod.libbpf.KernelBtf;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which container has which slot. The kernel gives slots when a container's cgroup is made and ends them when it is
 * removed; groups that were there before are found by a walk; a slot comes back to the kernel by {@link #release}.
 *
 * <p>Thread-safe; one lock, held over reading cgroup directories too: those are the kernel's memory, not a disk.
 */
public final class ContainerSlots implements Containers {
    /** Where a slot is in its life. */
    public enum State {
        FREE,
        LIVE,
        ENDED
    }

    /**
     * A container's slot.
     *
     * @param index from 1; 0 is shared by those that found none
     * @param generation goes up each time that the slot is given
     * @param path from the cgroup v2 hierarchy's root; {@code /}: the host, in stand-alone mode
     * @param seenBorn whether the slot was given when the cgroup was made; false: a walk found the group
     * @param bornBootNanos when it was given, CLOCK_BOOTTIME
     * @param endedBootNanos when the cgroup was removed; 0: it lives
     */
    public record Slot(
            int index,
            long generation,
            long cgroupId,
            String path,
            State state,
            boolean seenBorn,
            long bornBootNanos,
            long endedBootNanos) {}

    /** How long after its end a slot is kept: a dying task's last switch comes after its cgroup's removal. */
    static final Duration GRACE = Duration.ofMillis(200);

    /** Room for groups below containers, in the variant that keeps groups in a hash. */
    private static final int GROUPS_PER_CONTAINER = 8;

    private static final int LEAST_GROUPS = 8192;

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final Programs programs;
    private final BpfObject object;
    private final Arena arena;
    private final Path hierarchy;
    private final BpfMap groups;
    private final BpfMap freeSlots;
    private final MemorySegment number;
    private final MemorySegment counters;
    private final SlotTable table;
    private final GroupWalk walk;
    private final List<SlotArray> arrays = new ArrayList<>();
    private final @Nullable Slot[] known;

    private ContainerSlots(KernelSettings settings, CgroupTree tree, Programs programs, BpfObject object, Arena arena)
            throws BpfException, IOException {
        this.programs = programs;
        this.object = object;
        this.arena = arena;
        hierarchy = tree.root();
        known = new Slot[settings.maxContainers() + 1];
        object.constant("units_are_containers", settings.standAlone() ? 1 : 0)
                .maxEntries("slots", known.length)
                .maxEntries("free_slots", settings.maxContainers());
        if (programs.hashed()) {
            object.maxEntries("groups", Math.max(LEAST_GROUPS, settings.maxContainers() * GROUPS_PER_CONTAINER));
        }
        object.load();
        groups = object.map("groups");
        freeSlots = object.map("free_slots");
        number = arena.allocate(ValueLayout.JAVA_INT);
        counters = object.map("slot_counters").mmap(arena);
        BpfMap slots = object.map("slots");
        table = new SlotTable(slots.mmap(arena), slots.stride());
        for (int slot = 1; slot < known.length; slot++) {
            push(slot);
        }
        GroupMap map = programs.hashed() ? new GroupMap.Hashed(groups, arena) : new GroupMap.Storage(groups, arena);
        BlkioWalk blkio = BlkioWalk.find(settings.cgroupRoot(), tree, map);
        walk = new GroupWalk(tree, map, blkio, settings.standAlone(), this);
    }

    /**
     * Loads and attaches the programs, then walks the tree, so that no container is missed.
     *
     * @param btf by which the variant for this kernel is chosen; not used any more afterwards
     * @throws NoCgroupV2Exception when there is no cgroup v2 hierarchy
     * @throws IOException when a program's file can't be read
     * @throws BpfException when the kernel refuses: no BTF, a missing capability
     */
    public static ContainerSlots open(KernelSettings settings, KernelBtf btf) throws BpfException, IOException {
        CgroupTree tree = CgroupTree.find(settings.cgroupRoot());
        boolean hashed = KernelFeature.localStorage(btf) instanceof KernelFeature.Unsupported;
        return open(settings, tree, new Programs(settings.programDirectory(), hashed));
    }

    /** The same, with the kernel's types read for this alone. */
    public static ContainerSlots open(KernelSettings settings) throws BpfException, IOException {
        try (KernelBtf btf = KernelBtf.load()) {
            return open(settings, btf);
        }
    }

    static ContainerSlots open(KernelSettings settings, CgroupTree tree, Programs programs)
            throws BpfException, IOException {
        BpfObject object = programs.open("container");
        Arena arena = Arena.ofShared();
        try {
            ContainerSlots slots = new ContainerSlots(settings, tree, programs, object, arena);
            object.attach();
            slots.rewalk();
            slots.rewalk(); // a group made below a container that the first walk had not reached yet
            return slots;
        } catch (BpfException | IOException | RuntimeException e) {
            object.close();
            arena.close();
            throw e;
        }
    }

    /** Shows every container that is alive, or has ended and is not released. Allocates only for what has changed. */
    @Override
    public synchronized void scan(Consumer<Slot> visitor) {
        for (int index = 1; index < known.length; index++) {
            Slot slot = read(index);
            if (slot != null) {
                visitor.accept(slot);
            }
        }
    }

    /**
     * Gives the slot of a container that has ended back, its values set to zero. Read its last values before.
     *
     * @return false: not yet (within {@code GRACE} of the end its last switch may still come), or it is not this
     *     container's
     *     slot any more
     */
    @Override
    public synchronized boolean release(Slot ended) throws BpfException {
        int index = ended.index();
        if (table.state(index) != KpodSlotState.SLOT_ENDED
                || table.generation(index) != ended.generation()
                || Kernel.bootNanos() - table.endedNanos(index) < GRACE.toNanos()) {
            return false;
        }
        walk.forget(table.cgroupId(index));
        give(index);
        return true;
    }

    /** Walks the tree once more, to heal what events missed: call it every poll interval. */
    @Override
    public synchronized void rewalk() throws BpfException, IOException {
        walk.run();
    }

    /**
     * How many containers found no free slot since the start; they are counted in slot 0 until one is free at a walk.
     */
    @Override
    public long overflowed() {
        return KpodSlotCounters.overflowed(counters, 0);
    }

    /** How many cgroups could not be given a slot's number, so that their tasks are not counted. */
    public long errors() {
        return KpodSlotCounters.errors(counters, 0);
    }

    /** How many containers can be told apart. */
    @Override
    public int capacity() {
        return known.length - 1;
    }

    /** How many slots are taken. */
    @Override
    public int used() {
        int used = 0;
        for (int index = 1; index < known.length; index++) {
            if (table.state(index) != KpodSlotState.SLOT_FREE) {
                used++;
            }
        }
        return used;
    }

    /** Kernel memory of the slots' maps. */
    public long memlockBytes() throws BpfException {
        return object.map("slots").memlockBytes() + freeSlots.memlockBytes() + groups.memlockBytes();
    }

    /**
     * Opens another family's object for the same slots: its map {@code groups} is this one's. Its arrays by slot need
     * {@link #capacity} elements and one more.
     */
    public BpfObject openFamily(String family) throws BpfException, IOException {
        BpfObject opened = programs.open(family);
        try {
            return opened.reuse("groups", groups);
        } catch (BpfException e) {
            opened.close();
            throw e;
        }
    }

    /** Tells a family's array of slots that are given back, from now on. */
    public synchronized void register(SlotArray array) {
        arrays.add(array);
    }

    /** No longer tells it. */
    public synchronized void unregister(SlotArray array) {
        arrays.remove(array);
    }

    @Override
    public synchronized String pathOfHostGroup(long cgroupId) {
        return walk.pathOfHostGroup(cgroupId);
    }

    /** Where the cgroup v2 hierarchy is mounted. */
    public Path hierarchy() {
        return hierarchy;
    }

    /** The slot of a cgroup, by what the last walk found; empty: it belongs to no container. */
    public synchronized OptionalInt slotOf(long cgroupId) {
        return walk.slotOf(cgroupId);
    }

    /**
     * Whether the kernel lets only processes with {@link Capability#BPF} give slots back, and read what is not mapped:
     * Linux before 5.19.
     */
    public boolean needsCapability() throws BpfException {
        return object.map("slots").needsCapability();
    }

    /** Whether containers are found by a hash, for want of storage with cgroups. */
    public boolean hashed() {
        return programs.hashed();
    }

    @Override
    public synchronized void close() {
        object.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    /** Takes a free slot for a group that the walk found; 0: there is none, which is counted. */
    int take(boolean countOverflow) throws BpfException {
        if (freeSlots.pop(number)) {
            return number.get(ValueLayout.JAVA_INT, 0);
        }
        if (countOverflow) {
            LONG.getAndAdd(counters, (long) KpodSlotCounters.OVERFLOWED_OFFSET, 1L);
        }
        return 0;
    }

    /** Makes a taken slot ready for another container. */
    void give(int slot) throws BpfException {
        for (SlotArray array : arrays) {
            array.clear(slot);
        }
        known[slot] = null;
        table.free(slot);
        push(slot);
    }

    SlotTable table() {
        return table;
    }

    private void push(int slot) throws BpfException {
        number.set(ValueLayout.JAVA_INT, 0, slot);
        freeSlots.push(number);
    }

    private @Nullable Slot read(int index) {
        int state = table.state(index);
        if (state == KpodSlotState.SLOT_FREE) {
            return null;
        }
        boolean ended = state == KpodSlotState.SLOT_ENDED;
        Slot before = known[index];
        boolean same = before != null && before.generation() == table.generation(index);
        if (same && (before.state() == State.ENDED) == ended) {
            return before;
        }
        Slot now = new Slot(
                index,
                table.generation(index),
                table.cgroupId(index),
                same ? before.path() : table.path(index),
                ended ? State.ENDED : State.LIVE,
                !table.walked(index),
                table.bornNanos(index),
                ended ? table.endedNanos(index) : 0);
        known[index] = now;
        return now;
    }
}
