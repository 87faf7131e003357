package io.kpod.agent.collector.cgroup;

import static io.kpod.agent.collector.files.KernelText.word;

import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.GroupReader;
import io.kpod.agent.collector.files.KeptFile;
import io.kpod.agent.collector.files.KernelText;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.nio.file.Path;
import java.util.List;

/**
 * Pressure stall information: v2's {@code cpu.pressure}, {@code memory.pressure}, {@code io.pressure}, totals in
 * microseconds. {@code cpu.pressure} has the line {@code full} since Linux 5.13.
 */
final class Pressure implements GroupReader {
    private static final long NANOS_PER_MICRO = 1_000;
    private static final byte[] SOME = word("some ");
    private static final byte[] FULL = word("full ");
    private static final byte[] TOTAL = word("total=");

    private record Source(KeptFile file, Metric some, Metric full) {}

    private final List<Source> sources;

    Pressure(Path group, Descriptors descriptors) {
        sources = List.of(
                new Source(
                        new KeptFile(group, "cpu.pressure", descriptors),
                        Catalogue.PRESSURE_CPU_SOME,
                        Catalogue.PRESSURE_CPU_FULL),
                new Source(
                        new KeptFile(group, "memory.pressure", descriptors),
                        Catalogue.PRESSURE_MEMORY_SOME,
                        Catalogue.PRESSURE_MEMORY_FULL),
                new Source(
                        new KeptFile(group, "io.pressure", descriptors),
                        Catalogue.PRESSURE_IO_SOME,
                        Catalogue.PRESSURE_IO_FULL));
    }

    @Override
    public void read(KernelText text, Sample into) {
        for (Source source : sources) {
            if (source.file().read(text)) {
                while (text.nextLine()) {
                    if (text.skip(SOME)) {
                        total(text, source.some(), into);
                    } else if (text.skip(FULL)) {
                        total(text, source.full(), into);
                    }
                }
            }
        }
    }

    @Override
    public void close() {
        sources.forEach(source -> source.file().close());
    }

    private static void total(KernelText text, Metric metric, Sample into) {
        while (!text.skip(TOTAL)) {
            if (!text.nextWord()) {
                return;
            }
        }
        Counters.add(into, metric, text.number(), NANOS_PER_MICRO);
    }
}
