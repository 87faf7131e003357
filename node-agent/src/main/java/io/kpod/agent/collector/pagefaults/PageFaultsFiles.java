package io.kpod.agent.collector.pagefaults;

import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.SlowCollector;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.GroupFileCollector;
import io.kpod.agent.collector.files.GroupReader;
import io.kpod.agent.collector.files.Hierarchies;
import io.kpod.agent.collector.files.KeptFile;
import io.kpod.agent.collector.files.KernelText;
import io.kpod.summary.Catalogue;
import java.nio.file.Path;
import java.util.List;

/**
 * Major page faults by the groups' {@code memory.stat}, where the kernel refuses what {@link PageFaultsFamily} needs. Before Linux
 * 5.13 that file lacks up to 32 a CPU, which it has when they are more.
 */
public final class PageFaultsFiles implements GroupReader {
    private final KeptFile stat;
    private final byte[] faults;

    private PageFaultsFiles(Path group, byte[] faults, Descriptors descriptors) {
        this.stat = new KeptFile(group, "memory.stat", descriptors);
        this.faults = faults;
    }

    /**
     * The collector; off where no hierarchy has memory's controller.
     *
     * @param reason why the family does not run
     */
    public static SlowCollector open(Hierarchies hierarchies, Descriptors descriptors, String reason) {
        boolean v2 = hierarchies.inV2("memory");
        Path root = v2 ? hierarchies.v2() : hierarchies.v1("memory");
        if (root == null) {
            return SlowCollector.off(
                    PageFaultsFamily.NAME, reason + "; and no cgroup hierarchy has the memory controller");
        }
        // v1's plain line tells of the group alone
        byte[] faults = KernelText.word(v2 ? "pgmajfault " : "total_pgmajfault ");
        return new GroupFileCollector(
                PageFaultsFamily.NAME,
                "memory.stat of cgroup " + (v2 ? "v2" : "v1") + ", since: " + reason,
                group -> List.of(new PageFaultsFiles(Hierarchies.group(root, group), faults, descriptors)));
    }

    @Override
    public void read(KernelText text, Sample into) {
        if (!stat.read(text)) {
            return;
        }
        while (text.nextLine()) {
            if (text.skip(faults)) {
                long number = text.number();
                if (number != KernelText.NONE) {
                    into.counter(Catalogue.MEM_MAJOR_PAGE_FAULTS, number);
                }
                return;
            }
        }
    }

    @Override
    public void close() {
        stat.close();
    }
}
