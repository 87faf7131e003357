package io.kpod.agent.collector.cgroup;

import static io.kpod.agent.collector.files.KernelText.word;

import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.GroupReader;
import io.kpod.agent.collector.files.KeptFile;
import io.kpod.agent.collector.files.KernelText;
import io.kpod.summary.Catalogue;
import java.nio.file.Path;

/** Throttling by v1's {@code cpu.stat}; its time is in nanoseconds. */
final class CpuQuota implements GroupReader {
    private static final byte[] PERIODS = word("nr_periods ");
    private static final byte[] THROTTLED = word("nr_throttled ");
    private static final byte[] THROTTLED_TIME = word("throttled_time ");

    private final KeptFile stat;

    CpuQuota(Path group, Descriptors descriptors) {
        stat = new KeptFile(group, "cpu.stat", descriptors);
    }

    @Override
    public void read(KernelText text, Sample into) {
        if (!stat.read(text)) {
            return;
        }
        while (text.nextLine()) {
            if (text.skip(PERIODS)) {
                Counters.add(into, Catalogue.CPU_PERIODS, text.number(), 1);
            } else if (text.skip(THROTTLED)) {
                Counters.add(into, Catalogue.CPU_THROTTLED_PERIODS, text.number(), 1);
            } else if (text.skip(THROTTLED_TIME)) {
                Counters.add(into, Catalogue.CPU_THROTTLED_TIME, text.number(), 1);
            }
        }
    }

    @Override
    public void close() {
        stat.close();
    }
}
