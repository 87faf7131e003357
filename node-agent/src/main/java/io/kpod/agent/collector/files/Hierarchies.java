package io.kpod.agent.collector.files;

import io.kpod.agent.kernel.CgroupTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of each cgroup controller are. A controller is in one hierarchy only: in v2, or in one of v1's; a
 * container's group has the same path in each.
 *
 * @param v2 root of the v2 hierarchy
 * @param v2Controllers those that v2 has
 */
public record Hierarchies(Path mount, Path v2, Set<String> v2Controllers) {
    /**
     * Finds them below {@code mount}, as {@link CgroupTree#find} does.
     *
     * @throws IOException when there is no v2 hierarchy, or it can't be read
     */
    public static Hierarchies find(Path mount) throws IOException {
        Path root = CgroupTree.find(mount).root();
        String controllers =
                Files.readString(root.resolve("cgroup.controllers")).strip();
        return new Hierarchies(mount, root, Set.of(controllers.split(" ")));
    }

    /** Whether the controller is in v2. */
    public boolean inV2(String controller) {
        return v2Controllers.contains(controller);
    }

    /** The root of the v1 hierarchy that has the controller; null: none does. */
    public @Nullable Path v1(String controller) {
        if (v2.equals(mount)) {
            return null; // what lies there are v2's groups
        }
        // a distribution that mounts cpu and cpuacct together has links of either name, as a rule
        for (String name : List.of(controller, "cpu,cpuacct", "cpuacct,cpu")) {
            Path root = mount.resolve(name);
            if (List.of(name.split(",")).contains(controller) && Files.exists(root.resolve("cgroup.procs"))) {
                return root;
            }
        }
        return null;
    }

    /** The directory of the group {@code path} in a hierarchy. */
    public static Path group(Path root, String path) {
        return Path.of(root + path);
    }
}
