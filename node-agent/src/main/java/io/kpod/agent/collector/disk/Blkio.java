package io.kpod.agent.collector.disk;

import static io.kpod.agent.collector.files.KernelText.word;

import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.GroupReader;
import io.kpod.agent.collector.files.KeptFile;
import io.kpod.agent.collector.files.KernelText;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.nio.file.Path;

/** v1's {@code blkio} files: {@code MAJOR:MINOR Read …} and {@code MAJOR:MINOR Write …}, other kinds and totals beside. */
final class Blkio implements GroupReader {
    private static final byte[] READ = word("Read ");
    private static final byte[] WRITE = word("Write ");

    private final KeptFile bytes;
    private final KeptFile operations;
    private final BlockDevices devices;

    Blkio(Path group, DiskCollector.BlkioFiles files, Descriptors descriptors, BlockDevices devices) {
        bytes = new KeptFile(group, files.bytes(), descriptors);
        operations = new KeptFile(group, files.operations(), descriptors);
        this.devices = devices;
    }

    @Override
    public void read(KernelText text, Sample into) {
        read(bytes, text, Catalogue.DISK_READ_BYTES, Catalogue.DISK_WRITTEN_BYTES, into);
        read(operations, text, Catalogue.DISK_READS, Catalogue.DISK_WRITES, into);
    }

    @Override
    public void close() {
        bytes.close();
        operations.close();
    }

    private void read(KeptFile file, KernelText text, Metric reads, Metric writes, Sample into) {
        if (!file.read(text)) {
            return;
        }
        while (text.nextLine()) {
            String device = devices.read(text);
            if (device != null && text.nextWord()) {
                Metric metric = text.skip(READ) ? reads : text.skip(WRITE) ? writes : null;
                long value = metric == null ? KernelText.NONE : text.number();
                if (metric != null && value != KernelText.NONE) {
                    into.counter(metric, device, value);
                }
            }
        }
    }
}
