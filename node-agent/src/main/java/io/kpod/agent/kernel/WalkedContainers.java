package io.kpod.agent.kernel;

import io.kpod.agent.kernel.ContainerSlots.Slot;
import io.kpod.agent.kernel.ContainerSlots.State;
import io.kpod.libbpf.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Containers without kernel programs: found, and missed, by walking the cgroup tree, at most once a second. One that
 * lives for less than that may not be seen.
 *
 * <p>Thread-safe; one lock, held over reading cgroup directories too: those are the kernel's memory, not a disk.
 */
public final class WalkedContainers implements Containers {
    private static final long INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

    private final CgroupTree tree;
    private final boolean standAlone;
    private final int capacity;
    private final Map<Long, Slot> byCgroupId = new HashMap<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private final Set<Long> overflowing = new HashSet<>();
    private final Set<Long> met = new HashSet<>();
    private long generation;
    private long overflowed;
    private boolean walked;
    private long walkedNanos;

    private WalkedContainers(KernelSettings settings, CgroupTree tree) {
        this.tree = tree;
        this.standAlone = settings.standAlone();
        this.capacity = settings.maxContainers();
        for (int slot = 1; slot <= capacity; slot++) {
            free.add(slot);
        }
    }

    /**
     * Walks the tree for the first time.
     *
     * @throws NoCgroupV2Exception when there is no cgroup v2 hierarchy
     */
    public static WalkedContainers open(KernelSettings settings) throws IOException {
        WalkedContainers containers = new WalkedContainers(settings, CgroupTree.find(settings.cgroupRoot()));
        containers.rewalk();
        return containers;
    }

    @Override
    public synchronized void scan(Consumer<Slot> visitor) {
        if (System.nanoTime() - walkedNanos >= INTERVAL_NANOS) {
            try {
                rewalk();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        List.copyOf(byCgroupId.values()).forEach(visitor); // a visitor may release what it sees
    }

    @Override
    public synchronized boolean release(Slot ended) {
        if (ended.state() != State.ENDED || !byCgroupId.remove(ended.cgroupId(), ended)) {
            return false;
        }
        free.add(ended.index());
        return true;
    }

    @Override
    public synchronized void rewalk() throws IOException {
        met.clear();
        visit(tree.top(), null);
        long now = Kernel.bootNanos();
        byCgroupId.replaceAll((id, slot) -> slot.state() == State.LIVE && !met.contains(id) ? ended(slot, now) : slot);
        overflowing.retainAll(met);
        walked = true;
        walkedNanos = System.nanoTime();
    }

    @Override
    public synchronized long overflowed() {
        return overflowed;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public synchronized int used() {
        return byCgroupId.size();
    }

    @Override
    public void close() {
        // nothing is held
    }

    private void visit(CgroupTree.Directory group, @Nullable Group parent) throws IOException {
        boolean root = group.inHierarchy().equals("/");
        GroupKind kind = root ? GroupKind.OTHER : GroupKind.of(group.name(), standAlone);
        Group own = null;
        if (parent != null && parent.includes(kind)) {
            own = parent;
        } else if (kind != GroupKind.OTHER || root && standAlone) {
            met.add(group.id());
            own = new Group(slot(group), kind.inherit);
        }
        if (own == null || !own.includes(GroupKind.CONTAINER)) { // else all that is below belongs to it
            for (CgroupTree.Directory below : tree.below(group)) {
                visit(below, own);
            }
        }
    }

    private int slot(CgroupTree.Directory group) {
        Slot before = byCgroupId.get(group.id());
        if (before != null) {
            return before.index();
        }
        Integer index = free.poll();
        if (index == null) {
            if (overflowing.add(group.id())) {
                overflowed++;
            }
            return 0;
        }
        overflowing.remove(group.id());
        byCgroupId.put(
                group.id(),
                new Slot(
                        index,
                        ++generation,
                        group.id(),
                        group.inHierarchy(),
                        State.LIVE,
                        walked,
                        Kernel.bootNanos(),
                        0));
        return index;
    }

    private static Slot ended(Slot slot, long nowNanos) {
        return new Slot(
                slot.index(),
                slot.generation(),
                slot.cgroupId(),
                slot.path(),
                State.ENDED,
                slot.seenBorn(),
                slot.bornBootNanos(),
                nowNanos);
    }
}
