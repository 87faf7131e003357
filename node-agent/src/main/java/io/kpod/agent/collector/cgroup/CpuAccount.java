package io.kpod.agent.collector.cgroup;

import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.GroupReader;
import io.kpod.agent.collector.files.KeptFile;
import io.kpod.agent.collector.files.KernelText;
import io.kpod.summary.Catalogue;
import java.nio.file.Path;

/** CPU time by v1's {@code cpuacct.usage}, in nanoseconds. */
final class CpuAccount implements GroupReader {
    private final KeptFile usage;

    CpuAccount(Path group, Descriptors descriptors) {
        usage = new KeptFile(group, "cpuacct.usage", descriptors);
    }

    @Override
    public void read(KernelText text, Sample into) {
        if (usage.read(text) && text.nextLine()) {
            Counters.add(into, Catalogue.CPU_USAGE, text.number(), 1);
        }
    }

    @Override
    public void close() {
        usage.close();
    }
}
