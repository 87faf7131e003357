package io.kpod.agent.collector;

import io.kpod.agent.collector.cgroup.CgroupCollector;
import io.kpod.agent.collector.disk.DiskCollector;
import io.kpod.agent.collector.files.ContainerProcesses;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.Hierarchies;
import io.kpod.agent.collector.filesystem.FilesystemCollector;
import io.kpod.agent.collector.iface.InterfaceCollector;
import io.kpod.agent.collector.pagefaults.PageFaultsFamily;
import io.kpod.agent.collector.pagefaults.PageFaultsFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The collectors that read files: of groups, and of /proc. */
final class FileCollectors {
    private static final int MOST_DESCRIPTORS = 2_048;

    private FileCollectors() {}

    /**
     * All of them; off, with the reason, where their files can't be read.
     *
     * @param cgroupRoot where the cgroup hierarchies are mounted
     * @param procRoot where the host's /proc is mounted
     */
    static List<SlowCollector> open(Path cgroupRoot, Path procRoot) {
        try {
            Hierarchies hierarchies = Hierarchies.find(cgroupRoot);
            Descriptors descriptors = new Descriptors(MOST_DESCRIPTORS);
            ContainerProcesses processes = new ContainerProcesses(procRoot, hierarchies.v2());
            return List.of(
                    DiskCollector.open(hierarchies, procRoot, descriptors),
                    InterfaceCollector.open(processes),
                    FilesystemCollector.open(processes),
                    CgroupCollector.open(hierarchies, descriptors));
        } catch (IOException e) {
            return Stream.of(
                            DiskCollector.NAME, InterfaceCollector.NAME, FilesystemCollector.NAME, CgroupCollector.NAME)
                    .map(name -> SlowCollector.off(name, String.valueOf(e.getMessage())))
                    .toList();
        }
    }

    /**
     * What tells of major page faults where the kernel family does not run.
     *
     * @param reason why it does not
     */
    static SlowCollector pageFaults(Path cgroupRoot, String reason) {
        try {
            return PageFaultsFiles.open(Hierarchies.find(cgroupRoot), new Descriptors(MOST_DESCRIPTORS), reason);
        } catch (IOException e) {
            return SlowCollector.off(PageFaultsFamily.NAME, String.valueOf(e.getMessage()));
        }
    }
}
