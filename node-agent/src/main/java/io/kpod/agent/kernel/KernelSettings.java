package io.kpod.agent.kernel;

import java.nio.file.Path;

/**
 * What the kernel side needs to know.
 *
 * @param maxContainers how many containers are told apart; those beyond are counted together in slot 0
 * @param cgroupRoot where the cgroup hierarchies are mounted: a cgroup2 mount, or a folder with one under {@code
 *     unified}
 * @param standAlone whether systemd units count as containers, and the root group's own tasks as one: no Kubernetes
 *     here
 * @param programDirectory where the compiled kernel programs lie; empty: those that came with the agent
 */
public record KernelSettings(int maxContainers, Path cgroupRoot, boolean standAlone, Path programDirectory) {
    public KernelSettings {
        if (maxContainers < 1) {
            throw new IllegalArgumentException("maxContainers " + maxContainers + " is below 1");
        }
    }
}
