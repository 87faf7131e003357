package io.kpod.agent.collector.filesystem;

import io.kpod.agent.collector.Target;
import io.kpod.agent.collector.files.ContainerProcesses;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The volumes of a container, kept for a while: a container's mounts hardly ever change once its program runs, and the kernel
 * takes long to write them down. While a runtime still makes the container they do change: so the first few times they are read at
 * each poll.
 *
 * @param process whose mounts they are
 * @param traced whether one of them is reached through the process's root directory
 * @param looks how often the container's mounts were read
 * @param outdatedNanos when to read them again
 */
record ContainerVolumes(Path process, List<Reached> reached, boolean traced, int looks, long outdatedNanos) {
    private static final int LOOKS_AT_FIRST = 3;
    private static final long KEPT_NANOS = Duration.ofMinutes(5).toNanos();

    /** So that not all are read again at the same poll. */
    private static final long SPREAD_NANOS = Duration.ofSeconds(20).toNanos();

    private static final int SPREADS = 10;

    /** A volume and how its space is asked for. */
    record Reached(Volume volume, SpaceReader.Question question) {}

    static ContainerVolumes of(
            String pod, Path process, Collection<Mount> mounts, MachineMounts machine, int looks, int ref) {
        List<Reached> reached = new ArrayList<>();
        boolean traced = false;
        for (Mount mount : mounts) {
            String path = machine.path(mount.device());
            traced |= path == null;
            reached.add(new Reached(
                    new Volume(pod, mount.device()),
                    new SpaceReader.Question(
                            mount.device(),
                            mount.mountPoint(),
                            path == null ? process + "/root" + mount.mountPoint() : path)));
        }
        long kept = looks < LOOKS_AT_FIRST ? 0 : KEPT_NANOS + ref % SPREADS * SPREAD_NANOS;
        return new ContainerVolumes(process, List.copyOf(reached), traced, looks, System.nanoTime() + kept);
    }

    boolean outdated(long nowNanos) {
        return nowNanos - outdatedNanos >= 0;
    }

    /** Whether the process that they are reached through is not the container's any more. */
    boolean ofOther(ContainerProcesses processes, Target.OfContainer container) {
        return traced && !process.equals(processes.find(container));
    }
}
