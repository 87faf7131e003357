package io.kpod.agent.kernel;

import io.kpod.libbpf.BpfException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * On a machine where cgroup v1 has the controller of block devices, gives each container's group of that hierarchy the
 * container's slot: the group of the same path. The kernel does so itself when a task enters (container.bpf.c); here are
 * the containers that were there before. Guarded by the lock of {@link ContainerSlots}.
 */
final class BlkioWalk {
    private static final String CONTROLLER = "blkio";
    private static final int ENOENT = 2;

    private final CgroupTree tree;
    private final GroupMap map;

    /** What each group that exists was found to have, so that the next walk asks the kernel only for new ones. */
    private Map<Long, Group> settled = new HashMap<>();

    private Map<Long, Group> seen = new HashMap<>();
    private boolean refused;

    private BlkioWalk(CgroupTree tree, GroupMap map) {
        this.tree = tree;
        this.map = map;
    }

    /** The walk of the hierarchy that is mounted beside v2's below {@code mount}; null: there is none. */
    static @Nullable BlkioWalk find(Path mount, CgroupTree v2, GroupMap map) throws IOException {
        Path root = mount.resolve(CONTROLLER);
        if (v2.root().equals(mount) || !Files.exists(root.resolve("cgroup.procs"))) {
            return null;
        }
        // HIERARCHY:CONTROLLERS:GROUP
        for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
            List<String> parts = Arrays.asList(line.split(":", 3));
            if (Arrays.asList(parts.get(1).split(",")).contains(CONTROLLER)) {
                return new BlkioWalk(new CgroupTree(root, Integer.parseInt(parts.get(0))), map);
            }
        }
        return null;
    }

    /** @param containers of v2, by path, all groups that have a slot */
    void run(Map<String, Group> containers) throws BpfException, IOException {
        seen = new HashMap<>();
        if (!refused) {
            visit(tree.top(), null, containers);
        }
        settled = seen;
    }

    /** Whether a group of that id was there at the last walk, or can't be told. */
    boolean has(long id) {
        return refused || settled.containsKey(id);
    }

    private void visit(CgroupTree.Directory group, @Nullable Group parent, Map<String, Group> containers)
            throws BpfException, IOException {
        Group own = containers.get(group.inHierarchy());
        if (own == null && parent != null && parent.includes(GroupKind.of(group.name(), true))) {
            own = parent;
        }
        if (own != null && !own.equals(settled.get(group.id()))) {
            try {
                map.put(group, own, map.get(group) != null);
            } catch (BpfException e) {
                if (e.errno() != ENOENT) {
                    // storage takes no directories of v1 before Linux 6.8: the kernel program alone sees to them
                    refused = true;
                }
                return;
            }
        }
        if (own != null) {
            seen.put(group.id(), own);
        }
        for (CgroupTree.Directory below : tree.below(group)) {
            visit(below, own, containers);
        }
    }
}
