package io.kpod.agent.kernel;

import io.kpod.bpf.layout.KpodSlotState;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.Kernel;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Walks the cgroup tree and gives slots to groups that have none: those that were there before the programs, and those
 * whose event was missed or that found no free slot then. Ends slots whose group is gone. Guarded by the lock of {@link
 * ContainerSlots}.
 */
final class GroupWalk {
    private static final int ENOENT = 2;

    /** Of a group that belongs to no container. */
    private static final Group NONE = new Group(-1, 0);

    private final CgroupTree tree;
    private final GroupMap map;
    private final @Nullable BlkioWalk blkio;
    private final boolean standAlone;
    private final ContainerSlots slots;

    /** What each group that exists was found to have, so that the next walk asks the kernel only for new ones. */
    private Map<Long, Group> settled = new HashMap<>();

    private Map<Long, Group> seen = new HashMap<>();

    /** Of groups that belong to no container, what the last walk met. */
    private final Map<Long, String> hostPaths = new HashMap<>();

    /** Those that have a slot, by path; for the hierarchy of blkio. */
    private final Map<String, Group> byPath = new HashMap<>();

    /** @param blkio null: block devices' requests are charged to groups of v2 */
    GroupWalk(CgroupTree tree, GroupMap map, @Nullable BlkioWalk blkio, boolean standAlone, ContainerSlots slots) {
        this.tree = tree;
        this.map = map;
        this.blkio = blkio;
        this.standAlone = standAlone;
        this.slots = slots;
    }

    void run() throws BpfException, IOException {
        long start = Kernel.bootNanos();
        seen = new HashMap<>();
        hostPaths.clear();
        visit(tree.top(), null);
        if (blkio != null) {
            blkio.run(byPath);
            byPath.clear();
        }
        endMissing(start);
        map.prune(this::exists, slot -> slot != 0 && slots.table().state(slot) == KpodSlotState.SLOT_ENDED);
        settled = seen;
    }

    /** A released slot's group must not be taken for settled. */
    void forget(long cgroupId) {
        settled.remove(cgroupId);
    }

    /** By what the last walk found, and of containers born since. */
    OptionalInt slotOf(long cgroupId) {
        Group group = settled.get(cgroupId);
        if (group != null && group.slot() >= 0) {
            return OptionalInt.of(group.slot());
        }
        SlotTable table = slots.table();
        for (int slot = 1; slot <= slots.capacity(); slot++) {
            if (table.state(slot) == KpodSlotState.SLOT_LIVE && table.cgroupId(slot) == cgroupId) {
                return OptionalInt.of(slot);
            }
        }
        return OptionalInt.empty();
    }

    /** Empty: there was none of that id. */
    String pathOfHostGroup(long cgroupId) {
        return hostPaths.getOrDefault(cgroupId, "");
    }

    private void visit(CgroupTree.Directory group, @Nullable Group parent) throws BpfException, IOException {
        Group own;
        try {
            own = settle(group, parent);
        } catch (BpfException e) {
            if (e.errno() == ENOENT) {
                return; // removed meanwhile
            }
            throw e;
        }
        seen.put(group.id(), own == null ? NONE : own);
        if (own == null) {
            hostPaths.put(group.id(), group.inHierarchy());
        }
        if (own != null && blkio != null) {
            byPath.put(group.inHierarchy(), own);
        }
        for (CgroupTree.Directory below : tree.below(group)) {
            visit(below, own);
        }
    }

    private boolean exists(long id) {
        return CgroupTree.isV2(id) ? seen.containsKey(id) : blkio == null || blkio.has(id);
    }

    private @Nullable Group settle(CgroupTree.Directory group, @Nullable Group parent) throws BpfException {
        boolean root = group.inHierarchy().equals("/");
        GroupKind kind = root ? GroupKind.OTHER : GroupKind.of(group.name(), standAlone);
        boolean inherits = parent != null && parent.includes(kind);
        if (!inherits && kind == GroupKind.OTHER && !(root && standAlone)) {
            return null;
        }
        Group before = settled.get(group.id());
        if (before != null && before.slot() > 0 && (!inherits || before.equals(parent))) {
            return before;
        }
        Group current = map.get(group);
        if (inherits) {
            Group wanted = Objects.requireNonNull(parent);
            if (!wanted.equals(current)) {
                map.put(group, wanted, current != null);
            }
            return wanted;
        }
        if (current != null && current.slot() > 0) {
            return current;
        }
        return assign(group, kind, current);
    }

    /** @param current what the kernel has for the group: nothing, or slot 0 */
    private @Nullable Group assign(CgroupTree.Directory group, GroupKind kind, @Nullable Group current)
            throws BpfException {
        int slot = slots.take(current == null);
        Group wanted = new Group(slot, kind.inherit);
        if (slot == 0) {
            if (current == null) {
                map.put(group, wanted, false);
            }
            return wanted;
        }
        slots.table().write(slot, group.id(), group.inHierarchy(), Kernel.bootNanos());
        boolean mine = false;
        try {
            mine = map.put(group, wanted, current != null);
        } finally {
            if (mine) {
                slots.table().live(slot);
            } else {
                slots.give(slot);
            }
        }
        return mine ? wanted : map.get(group);
    }

    /** A slot that was given before this walk began and whose group the walk did not meet has ended. */
    private void endMissing(long start) {
        SlotTable table = slots.table();
        for (int slot = 1; slot <= slots.capacity(); slot++) {
            if (table.state(slot) == KpodSlotState.SLOT_LIVE
                    && table.bornNanos(slot) < start
                    && !seen.containsKey(table.cgroupId(slot))
                    && !tree.has(table.path(slot))) {
                table.ended(slot, Kernel.bootNanos());
            }
        }
    }
}
