package io.kpod.agent.collector.cgroup;

import static io.kpod.agent.collector.files.KernelText.word;

import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.GroupReader;
import io.kpod.agent.collector.files.KeptFile;
import io.kpod.agent.collector.files.KernelText;
import io.kpod.summary.Catalogue;
import java.nio.file.Path;

/**
 * CPU time and throttling by {@code cpu.stat}: v2's in microseconds, without the controller but the time; v1's throttling
 * alone, its time in nanoseconds. Each has words of its own.
 */
final class CpuStat implements GroupReader {
    private static final long NANOS_PER_MICRO = 1_000;
    private static final byte[] USAGE = word("usage_usec ");
    private static final byte[] PERIODS = word("nr_periods ");
    private static final byte[] THROTTLED = word("nr_throttled ");
    private static final byte[] THROTTLED_MICROS = word("throttled_usec ");
    private static final byte[] THROTTLED_NANOS = word("throttled_time ");

    private final KeptFile stat;

    CpuStat(Path group, Descriptors descriptors) {
        stat = new KeptFile(group, "cpu.stat", descriptors);
    }

    @Override
    public void read(KernelText text, Sample into) {
        if (!stat.read(text)) {
            return;
        }
        while (text.nextLine()) {
            if (text.skip(USAGE)) {
                Counters.add(into, Catalogue.CPU_USAGE, text.number(), NANOS_PER_MICRO);
            } else if (text.skip(PERIODS)) {
                Counters.add(into, Catalogue.CPU_PERIODS, text.number(), 1);
            } else if (text.skip(THROTTLED)) {
                Counters.add(into, Catalogue.CPU_THROTTLED_PERIODS, text.number(), 1);
            } else if (text.skip(THROTTLED_MICROS)) {
                Counters.add(into, Catalogue.CPU_THROTTLED_TIME, text.number(), NANOS_PER_MICRO);
            } else if (text.skip(THROTTLED_NANOS)) {
                Counters.add(into, Catalogue.CPU_THROTTLED_TIME, text.number(), 1);
            }
        }
    }

    @Override
    public void close() {
        stat.close();
    }
}
