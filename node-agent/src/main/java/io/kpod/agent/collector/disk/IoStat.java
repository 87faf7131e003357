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

/**
 * v2's {@code io.stat}: {@code MAJOR:MINOR rbytes=… wbytes=… rios=… wios=…} for each device. Some kernels (5.10's among
 * them) begin a line with the numbers of devices that have nothing to tell: the last ones count.
 */
final class IoStat implements GroupReader {
    private static final byte[] READ_BYTES = word("rbytes=");
    private static final byte[] WRITTEN_BYTES = word("wbytes=");
    private static final byte[] READS = word("rios=");
    private static final byte[] WRITES = word("wios=");

    private final KeptFile stat;
    private final BlockDevices devices;

    IoStat(Path group, Descriptors descriptors, BlockDevices devices) {
        stat = new KeptFile(group, "io.stat", descriptors);
        this.devices = devices;
    }

    @Override
    public void read(KernelText text, Sample into) {
        if (!stat.read(text)) {
            return;
        }
        while (text.nextLine()) {
            String device = null;
            for (boolean more = text.skipBlanks(); more; more = text.nextWord()) {
                if (device != null && text.skip(READ_BYTES)) {
                    add(into, Catalogue.DISK_READ_BYTES, device, text);
                } else if (device != null && text.skip(WRITTEN_BYTES)) {
                    add(into, Catalogue.DISK_WRITTEN_BYTES, device, text);
                } else if (device != null && text.skip(READS)) {
                    add(into, Catalogue.DISK_READS, device, text);
                } else if (device != null && text.skip(WRITES)) {
                    add(into, Catalogue.DISK_WRITES, device, text);
                } else {
                    String named = devices.read(text);
                    device = named == null ? device : named;
                }
            }
        }
    }

    @Override
    public void close() {
        stat.close();
    }

    private static void add(Sample into, Metric metric, String device, KernelText text) {
        long value = text.number();
        if (value != KernelText.NONE) {
            into.counter(metric, device, value);
        }
    }
}
