package io.kpod.agent.collector.disk;

import io.kpod.agent.collector.SlowCollector;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.GroupFileCollector;
import io.kpod.agent.collector.files.Hierarchies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Bytes and operations by device: {@code io.stat} of cgroup v2, or v1's {@code blkio} files. */
public final class DiskCollector {
    /** What metrics and configuration call it by. */
    public static final String NAME = "disk";

    /** Each a pair of files: bytes, operations. Those that count groups below come before those that don't. */
    private static final List<BlkioFiles> BLKIO = List.of(
            new BlkioFiles("blkio.throttle.io_service_bytes_recursive", "blkio.throttle.io_serviced_recursive"),
            new BlkioFiles("blkio.throttle.io_service_bytes", "blkio.throttle.io_serviced"),
            new BlkioFiles("blkio.bfq.io_service_bytes_recursive", "blkio.bfq.io_serviced_recursive"),
            new BlkioFiles("blkio.bfq.io_service_bytes", "blkio.bfq.io_serviced"));

    /** blk-throttle.c: blk_throtl_init is called by tg_set_conf. */
    private static final String COUNTS_NOTHING =
            "; no device is counted yet: since Linux 6.10 it begins when a limit is set for the device in any group, such as"
                    + " echo '8:0 1000000000000' > GROUP/blkio.throttle.read_bps_device";

    /**
     * A pair of v1's files.
     *
     * @param bytes name of the file that counts bytes
     * @param operations of that which counts operations
     */
    record BlkioFiles(String bytes, String operations) {}

    private DiskCollector() {}

    /** The collector; off where there is none of the files. */
    public static SlowCollector open(Hierarchies hierarchies, Path procRoot, Descriptors descriptors) {
        BlockDevices devices = new BlockDevices(procRoot);
        if (hierarchies.inV2("io")) {
            return new GroupFileCollector(
                    NAME,
                    "io.stat of cgroup v2",
                    group -> List.of(new IoStat(Hierarchies.group(hierarchies.v2(), group), descriptors, devices)));
        }
        Path v1 = hierarchies.v1("blkio");
        if (v1 == null) {
            return SlowCollector.off(
                    NAME, "neither io of cgroup v2 nor blkio of v1 is there: it needs CONFIG_BLK_CGROUP");
        }
        for (BlkioFiles files : BLKIO) {
            if (Files.exists(v1.resolve(files.bytes()))) {
                return new GroupFileCollector(
                        NAME,
                        files.bytes() + " and " + files.operations()
                                + " of cgroup v1, which charges what the page cache writes back to nobody"
                                + (counts(v1.resolve(files.bytes())) ? "" : COUNTS_NOTHING),
                        group -> List.of(new Blkio(Hierarchies.group(v1, group), files, descriptors, devices)));
            }
        }
        return SlowCollector.off(
                NAME, v1 + " has neither blkio.throttle nor blkio.bfq files: it needs CONFIG_BLK_DEV_THROTTLING");
    }

    /** Whether the root group's file has any device: all have come to be counted by what the machine itself has read. */
    private static boolean counts(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.anyMatch(line -> line.contains(":"));
        } catch (IOException e) {
            return false;
        }
    }
}
