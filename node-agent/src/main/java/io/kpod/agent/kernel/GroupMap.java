package io.kpod.agent.kernel;

import io.kpod.bpf.layout.KpodGroup;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfMap;
import io.kpod.libbpf.DirectoryDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** The kernel's map {@code groups}, cgroup -> slot, in its two variants. Used by one thread at a time. */
sealed interface GroupMap {
    /** What the kernel has for the group; null: nothing. */
    @Nullable
    Group get(CgroupTree.Directory group) throws BpfException;

    /** Sets it; with {@code replace} only what is there, else only what is not. False: it was the other way round. */
    boolean put(CgroupTree.Directory group, Group value, boolean replace) throws BpfException;

    /** Forgets groups that are gone for good and were so at the last call too. */
    void prune(LongPredicate exists, IntPredicate slotInUse) throws BpfException;

    /**
     * Storage with the cgroup itself, addressed by a descriptor of its directory; the kernel frees it with the cgroup.
     */
    final class Storage implements GroupMap {
        private final BpfMap map;
        private final MemorySegment key;
        private final MemorySegment value;

        Storage(BpfMap map, Arena arena) {
            this.map = map;
            key = arena.allocate(map.keySize(), Long.BYTES);
            value = arena.allocate(KpodGroup.SIZE, Long.BYTES);
        }

        @Override
        public @Nullable Group get(CgroupTree.Directory group) throws BpfException {
            try (DirectoryDescriptor directory = DirectoryDescriptor.open(group.path())) {
                key.set(ValueLayout.JAVA_INT, 0, directory.number());
                return map.lookup(key, value) ? decode(value) : null;
            }
        }

        @Override
        public boolean put(CgroupTree.Directory group, Group wanted, boolean replace) throws BpfException {
            try (DirectoryDescriptor directory = DirectoryDescriptor.open(group.path())) {
                key.set(ValueLayout.JAVA_INT, 0, directory.number());
                encode(wanted, value);
                return map.update(key, value, replace ? BpfMap.EXIST : BpfMap.NO_EXIST);
            }
        }

        @Override
        public void prune(LongPredicate exists, IntPredicate slotInUse) {
            // the kernel does it
        }
    }

    /** A hash by {@link CgroupTree.Directory#id}. Ids don't come back. */
    final class Hashed implements GroupMap {
        private final BpfMap map;
        private final MemorySegment key;
        private final MemorySegment next;
        private final MemorySegment value;
        private Set<Long> goneBefore = Set.of();

        Hashed(BpfMap map, Arena arena) {
            this.map = map;
            key = arena.allocate(ValueLayout.JAVA_LONG);
            next = arena.allocate(ValueLayout.JAVA_LONG);
            value = arena.allocate(KpodGroup.SIZE, Long.BYTES);
        }

        @Override
        public @Nullable Group get(CgroupTree.Directory group) throws BpfException {
            key.set(ValueLayout.JAVA_LONG, 0, group.id());
            return map.lookup(key, value) ? decode(value) : null;
        }

        @Override
        public boolean put(CgroupTree.Directory group, Group wanted, boolean replace) throws BpfException {
            key.set(ValueLayout.JAVA_LONG, 0, group.id());
            encode(wanted, value);
            return map.update(key, value, replace ? BpfMap.EXIST : BpfMap.NO_EXIST);
        }

        /**
         * Not when the directory goes: a dying task's last switch comes after that. A group whose slot is not read to
         * the end yet is kept too.
         */
        @Override
        public void prune(LongPredicate exists, IntPredicate slotInUse) throws BpfException {
            List<Long> gone = new ArrayList<>();
            boolean found = map.nextKey(MemorySegment.NULL, next);
            while (found) {
                long id = next.get(ValueLayout.JAVA_LONG, 0);
                if (!exists.test(id)) {
                    gone.add(id);
                }
                key.set(ValueLayout.JAVA_LONG, 0, id);
                found = map.nextKey(key, next);
            }
            for (long id : gone) {
                key.set(ValueLayout.JAVA_LONG, 0, id);
                if (goneBefore.contains(id)
                        && map.lookup(key, value)
                        && !slotInUse.test(decode(value).slot())) {
                    map.delete(key);
                }
            }
            goneBefore = Set.copyOf(gone);
        }
    }

    private static Group decode(MemorySegment value) {
        return new Group(KpodGroup.slot(value, 0), KpodGroup.inherit(value, 0));
    }

    private static void encode(Group group, MemorySegment value) {
        KpodGroup.slot(value, 0, group.slot());
        KpodGroup.inherit(value, 0, group.inherit());
    }
}
