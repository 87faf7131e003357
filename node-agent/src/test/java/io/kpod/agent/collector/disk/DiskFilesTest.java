package io.kpod.agent.collector.disk;

import static io.kpod.summary.Catalogue.DISK_READS;
import static io.kpod.summary.Catalogue.DISK_READ_BYTES;
import static io.kpod.summary.Catalogue.DISK_WRITES;
import static io.kpod.summary.Catalogue.DISK_WRITTEN_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.GroupReader;
import io.kpod.agent.collector.files.KernelText;
import io.kpod.agent.collector.files.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files as kernels write them, and names of devices from each place that has them. */
class DiskFilesTest {
    @TempDir
    private Path directory;

    private static Values read(GroupReader reader) {
        try (reader) {
            Sample sample = new Sample();
            reader.read(new KernelText(), sample);
            return Values.of(sample);
        }
    }

    private BlockDevices devices() throws IOException {
        Path sys = Files.createDirectories(directory.resolve("sys"));
        Files.createSymbolicLink(sys.resolve("8:0"), Path.of("../../devices/pci0000:00/block/sda"));
        Path diskstats = Files.writeString(directory.resolve("diskstats"), "   8      16 sdb 1 2 3 4 5\n");
        Path partitions = Files.writeString(
                directory.resolve("partitions"), "major minor  #blocks  name\n\n 253        1  268435456 dm-1\n");
        return new BlockDevices(sys, List.of(directory.resolve("missing"), diskstats, partitions));
    }

    @Test
    void eachDeviceOfIoStatIsNamedFromWhereItsNameIsFound() throws Exception {
        Files.writeString(directory.resolve("io.stat"), """
                8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6
                8:16 rbytes=10 wbytes=20 rios=30 wios=40 dbytes=0 dios=0 cost.usage=7
                253:1 rbytes=100 wbytes=200 rios=300 wios=400 dbytes=0 dios=0
                9:9 rbytes=18446744073709551615 wbytes=x rios= wios=1
                """);
        Values values = read(new IoStat(directory, new Descriptors(1), devices()));
        assertThat(values.labels(DISK_READ_BYTES)).containsExactlyInAnyOrder("sda", "sdb", "dm-1", "9:9");
        assertThat(values.of(DISK_READ_BYTES, "sda")).isEqualTo(1);
        assertThat(values.of(DISK_WRITTEN_BYTES, "sdb")).isEqualTo(20);
        assertThat(values.of(DISK_READS, "dm-1")).isEqualTo(300);
        assertThat(values.of(DISK_WRITES, "sda")).isEqualTo(4);
        assertThat(values.of(DISK_READ_BYTES, "9:9")).isEqualTo(Long.MAX_VALUE);
        assertThat(values.labels(DISK_WRITTEN_BYTES)).doesNotContain("9:9");
    }

    @Test
    void devicesWithNothingToTellMayBeginALine() throws Exception {
        Files.writeString(
                directory.resolve("io.stat"), "253:1 8:16 8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n9:9 \n");
        Values values = read(new IoStat(directory, new Descriptors(1), devices()));
        assertThat(values.labels(DISK_READ_BYTES)).containsExactly("sda");
    }

    @Test
    void v1HasALineForEachKindOfOperation() throws Exception {
        Files.writeString(directory.resolve("bytes"), """
                8:0 Read 4096
                8:0 Write 8192
                8:0 Sync 12288
                8:0 Async 0
                8:0 Discard 0
                8:0 Total 12288
                Total 12288
                """);
        Files.writeString(directory.resolve("operations"), "8:0 Read 1\n8:0 Write 2\n8:0 Total 3\nTotal 3\n8:0 Write");
        Values values = read(new Blkio(
                directory, new DiskCollector.BlkioFiles("bytes", "operations"), new Descriptors(2), devices()));
        assertThat(values.values()).hasSize(4);
        assertThat(values.of(DISK_READ_BYTES, "sda")).isEqualTo(4096);
        assertThat(values.of(DISK_WRITTEN_BYTES, "sda")).isEqualTo(8192);
        assertThat(values.of(DISK_READS, "sda")).isEqualTo(1);
        assertThat(values.of(DISK_WRITES, "sda")).isEqualTo(2);
    }
}
