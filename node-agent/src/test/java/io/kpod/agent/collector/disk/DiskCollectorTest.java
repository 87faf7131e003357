package io.kpod.agent.collector.disk;

import static io.kpod.summary.Catalogue.DISK_READS;
import static io.kpod.summary.Catalogue.DISK_READ_BYTES;
import static io.kpod.summary.Catalogue.DISK_WRITES;
import static io.kpod.summary.Catalogue.DISK_WRITTEN_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kpod.agent.Accuracy;
import io.kpod.agent.collector.SlowCollector;
import io.kpod.agent.collector.Target;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.ResourceSandbox;
import io.kpod.agent.collector.files.Values;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.Load;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.summary.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bytes that containers transfer past the page cache, beside what /proc says of their processes. */
class DiskCollectorTest {
    private static final long MIB = 1024 * 1024;
    private static final long BLOCK = 64 * 1024;

    private final List<Path> files = new ArrayList<>();
    private ResourceSandbox sandbox;
    private SlowCollector collector;

    @BeforeEach
    void open() throws IOException {
        RealKernel.require();
        sandbox = new ResourceSandbox();
        countOnV1();
        collector = DiskCollector.open(sandbox.hierarchies(), Path.of("/proc"), new Descriptors(100));
    }

    @AfterEach
    void close() throws IOException {
        collector.close();
        sandbox.close();
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }

    @Test
    void whatTwoContainersWriteAndReadIsToldApart() throws Exception {
        Target.OfContainer writer = sandbox.container();
        Target.OfContainer reader = sandbox.container();
        Path written = file();
        Path read = file();
        run(sandbox.runOutside(resources("write", read, 3 * MIB)));
        Process writing = run(sandbox.run(writer, resources("write", written, 8 * MIB)));
        Process reading = run(sandbox.run(reader, resources("read", read, 3 * MIB)));
        List<Target> both = List.of(writer, reader);
        String device = deviceOf(written);

        Values ofWriter = Values.of(collector, both, writer);
        Values ofReader = Values.of(collector, both, reader);

        double truthWritten = io(writing, "write_bytes");
        double truthRead = io(reading, "read_bytes");
        assertThat(truthWritten).isGreaterThanOrEqualTo(8 * MIB);
        assertThat(truthRead).isGreaterThanOrEqualTo(3 * MIB);
        Accuracy.record(
                DISK_WRITTEN_BYTES.name(), "/proc/PID/io", truthWritten, ofWriter.of(DISK_WRITTEN_BYTES, device));
        Accuracy.record(DISK_READ_BYTES.name(), "/proc/PID/io", truthRead, ofReader.of(DISK_READ_BYTES, device));
        Accuracy.record(DISK_WRITES.name(), "the writes made", 8 * MIB / BLOCK, ofWriter.of(DISK_WRITES, device));
        Accuracy.record(DISK_READS.name(), "the reads made", 3 * MIB / BLOCK, ofReader.of(DISK_READS, device));
        // the journal's own writes may be charged to who waits for them
        assertThat(ofWriter.of(DISK_WRITTEN_BYTES, device)).isCloseTo(truthWritten, within(MIB / 4.0));
        assertThat(ofReader.of(DISK_READ_BYTES, device)).isCloseTo(truthRead, within(MIB / 4.0));
        assertThat(ofWriter.of(DISK_WRITES, device)).isBetween(8.0 * MIB / BLOCK, 8.0 * MIB / BLOCK + 16);
        assertThat(ofReader.of(DISK_READS, device)).isBetween(3.0 * MIB / BLOCK, 3.0 * MIB / BLOCK + 32);
        assertThat(value(ofWriter, DISK_READ_BYTES, device)).isLessThan(MIB);
        assertThat(value(ofReader, DISK_WRITTEN_BYTES, device)).isLessThan(MIB / 2.0);
    }

    @Test
    void nestedGroupsCountTowardsTheirContainer() throws Exception {
        Target.OfContainer container = sandbox.container();
        Path nested = sandbox.nested(container, "io", "nested");
        Path written = file();
        run(sandbox.run(
                container, "echo $$ > '" + nested + "/cgroup.procs' && " + resources("write", written, 4 * MIB)));

        assertThat(Values.of(collector, container).of(DISK_WRITTEN_BYTES, deviceOf(written)))
                .isBetween(4.0 * MIB, 4.25 * MIB);
    }

    @Test
    void aContainerThatTransferredNothingHasNoSeries() throws Exception {
        Target.OfContainer container = sandbox.container();
        assertThat(Values.of(collector, container).values()).isEmpty();
    }

    /** Since Linux 6.10 v1 counts a device from the first limit on that any group gets. */
    private void countOnV1() throws IOException {
        if (!sandbox.hierarchies().inV2("io")) {
            long device = (Long) Files.getAttribute(Path.of("target"), "unix:dev");
            Files.writeString(
                    sandbox.group(sandbox.container(), "io").resolve("blkio.throttle.read_bps_device"),
                    major(device) + ":" + minor(device) + " 1000000000000");
        }
    }

    private static long major(long device) {
        return device >> 8 & 0xfff;
    }

    private static long minor(long device) {
        return device & 0xff | device >> 12 & 0xfff00;
    }

    private static Process run(Process process) throws IOException {
        ResourceSandbox.awaitReady(process);
        CgroupSandbox.pause(20); // the kernel counts an operation when it is done, or a little later
        return process;
    }

    private static String resources(String what, Path file, long bytes) {
        return "exec '" + Load.program("resources") + "' " + what + " '" + file + "' " + bytes;
    }

    private Path file() throws IOException {
        Path file = Files.createTempFile(Path.of("target"), "disk", "").toAbsolutePath();
        files.add(file);
        return file;
    }

    private static double value(Values values, Metric metric, String device) {
        return values.labels(metric).contains(device) ? values.of(metric, device) : 0;
    }

    /** The name of the device that the file is on, as findmnt's source would say. */
    private static String deviceOf(Path file) throws IOException {
        long device = (Long) Files.getAttribute(file, "unix:dev");
        for (String line : Files.readAllLines(Path.of("/proc/diskstats"))) {
            String[] words = line.strip().split("\\s+");
            if (words[0].equals(Long.toString(major(device))) && words[1].equals(Long.toString(minor(device)))) {
                // operations of a partition are counted at the whole disk
                Path partition = Path.of("/sys/class/block", words[2], "partition");
                return Files.exists(partition)
                        ? partition
                                .getParent()
                                .toRealPath()
                                .getParent()
                                .getFileName()
                                .toString()
                        : words[2];
            }
        }
        throw new IOException(file + " is on " + major(device) + ":" + minor(device) + ", which is no disk");
    }

    private static double io(Process process, String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/io")).stream()
                .filter(line -> line.startsWith(field + ": "))
                .mapToDouble(line -> Double.parseDouble(line.substring(field.length() + 2)))
                .findFirst()
                .orElseThrow();
    }
}
