package io.kpod.agent.kernel;

import java.io.IOException;
import java.nio.file.Path;

/** The machine has no cgroup v2 hierarchy where it was looked for, so containers can't be told apart. */
public final class NoCgroupV2Exception extends IOException {
    private static final long serialVersionUID = 1L;

    NoCgroupV2Exception(Path root) {
        super("no cgroup v2 at " + root + " nor at " + root.resolve("unified")
                + ": set kpod.cgroup.root to a cgroup2 mount, or make one: mount -t cgroup2 none "
                + root.resolve("unified")
                + " (kernel option systemd.unified_cgroup_hierarchy=1)");
    }
}
