package io.kpod.agent.snapshot;

import io.kpod.agent.container.CgroupPath;
import io.kpod.agent.kernel.Containers;
import io.kpod.summary.Metric;
import io.kpod.summary.wire.SummaryLimits;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What groups of the host are called, in no container: their systemd unit, or else their path. Guarded by the lock of
 * {@link NodeReadings}.
 */
final class HostServices {
    /** Ids of groups that are gone are among them; then it starts anew. */
    private static final int MOST = 4096;

    private final @Nullable Containers containers;
    private final Map<Long, String> names = new HashMap<>();

    HostServices(@Nullable Containers containers) {
        this.containers = containers;
    }

    /** As {@link io.kpod.summary.Catalogue#CPU_PREEMPTORS} has it; null: the group came after the last walk. */
    @Nullable
    String nameOf(long cgroupId) {
        String known = names.get(cgroupId);
        String path = known != null || containers == null ? "" : containers.pathOfHostGroup(cgroupId);
        if (path.isEmpty()) {
            return known;
        }
        if (names.size() >= MOST) {
            names.clear();
        }
        String service = CgroupPath.service(path);
        String name = Metric.LABEL_SEPARATOR
                + Metric.LABEL_SEPARATOR
                + service.substring(0, Math.min(service.length(), SummaryLimits.DEFAULT.maxStringLength() / 2));
        names.put(cgroupId, name);
        return name;
    }
}
