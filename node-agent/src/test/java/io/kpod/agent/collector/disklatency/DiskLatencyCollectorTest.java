package io.kpod.agent.collector.disklatency;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.agent.Accuracy;
import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.MapUse;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.ContainerSlots.Slot;
import io.kpod.agent.kernel.ControllerGroups;
import io.kpod.agent.kernel.Load;
import io.kpod.agent.kernel.LoopDevice;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.agent.kernel.TestDisk;
import io.kpod.summary.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests of block devices beside what the programs that make them know, what the kernel counts of the device, and on cgroup
 * v2 what it counts of the container.
 */
@ParameterizedClass(name = "hashed={0}")
@MethodSource("io.kpod.agent.kernel.RealKernel#variants")
class DiskLatencyCollectorTest {
    private static final int MIB = 1 << 20;
    private static final int ROUNDS = 6;

    private final boolean hashed;
    private final CgroupSandbox sandbox;
    private final ControllerGroups groups;
    private ContainerSlots slots;
    private Collector collector;

    DiskLatencyCollectorTest(boolean hashed) throws Exception {
        RealKernel.require();
        this.hashed = hashed;
        sandbox = new CgroupSandbox();
        groups = new ControllerGroups(sandbox);
        open();
    }

    private void open() throws Exception {
        slots = RealKernel.open(RealKernel.foreignContainers() + 300, hashed);
        collector = DiskLatencyCollector.open(slots, RealKernel.btf());
        assertThat(collector.state()).isInstanceOf(CollectorState.Running.class);
    }

    @AfterEach
    void close() throws Exception {
        sandbox.close();
        groups.close();
        collector.close();
        slots.close();
    }

    @Test
    void readsAndWritesOfTwoContainersAreToldApartExactly() throws Exception {
        Path reader = sandbox.container();
        Path writer = sandbox.container();
        try (TestDisk disk = new TestDisk()) {
            String device = disk.device();
            long begin = System.nanoTime();
            Process reading = start(reader, disk.file("read", 5 * MIB), "read", 300);
            Process writing = start(writer, disk.file("write", 2 * MIB), "write", 120);
            succeeds(reading);
            succeeds(writing);
            long took = System.nanoTime() - begin;

            Latencies reads = latencies(reader);
            Latencies writes = latencies(writer);
            agrees(
                    "the container's reads as the kernel counts them",
                    groups.requests(reader, "read"),
                    reads.count(device, "read"));
            agrees(
                    "the container's writes as the kernel counts them",
                    groups.requests(writer, "write"),
                    writes.count(device, "write"));
            agrees("the program's own count of direct reads", 300, reads.count(device, "read"));
            agrees("the program's own count of direct writes", 120, writes.count(device, "write"));
            assertThat(reads.count(device, "write")).isZero();
            assertThat(writes.count(device, "read")).isZero();
            // one request at a time: together they take no longer than the program
            assertThat(reads.nanos(device, "read")).isPositive().isLessThan(took);
            assertThat(writes.nanos(device, "write")).isPositive().isLessThan(took);
        }
    }

    @Test
    void everyOperationOfADeviceHasItsOwnSeriesAndTheirCountsAreTheDevices() throws Exception {
        Path one = sandbox.container();
        Path other = sandbox.container();
        try (LoopDevice loop = new LoopDevice(8 * MIB)) {
            List<Long> before = loop.completed();
            Process first = start(one, loop.path(), "flush", 50);
            Process second = start(other, loop.path(), "read", 200);
            succeeds(first);
            succeeds(second);
            succeeds(start(other, loop.path(), "discard", 30));
            List<Long> after = loop.completed();

            Latencies ofOne = latencies(one);
            Latencies ofOther = latencies(other);
            long flushes = ofOne.count(loop.name(), "flush");
            agrees("the program's own count of flushes", 50, flushes);
            agrees("the program's own count of writes before a flush", 50, ofOne.count(loop.name(), "write"));
            agrees("the program's own count of discards", 30, ofOther.count(loop.name(), "discard"));
            agrees(
                    "/proc/diskstats, reads of a device that two containers use",
                    after.get(0) - before.get(0),
                    ofOne.count(loop.name(), "read") + ofOther.count(loop.name(), "read"));
            agrees(
                    "/proc/diskstats, writes of a device that two containers use, flushes included",
                    after.get(1) - before.get(1),
                    ofOne.count(loop.name(), "write") + ofOther.count(loop.name(), "write") + flushes);
            agrees(
                    "/proc/diskstats, discards of a device that two containers use",
                    after.get(2) - before.get(2),
                    ofOther.count(loop.name(), "discard"));
        }
    }

    @Test
    void whereTheKernelTakesNoStatisticsOfTheQueueTheIssueIsNoted() throws Exception {
        Path container = sandbox.container();
        Path other = sandbox.container();
        try (LoopDevice loop = new LoopDevice(8 * MIB)) {
            loop.statistics(false);
            Process first = start(container, loop.path(), "read", 100);
            Process second = start(other, loop.path(), "write", 40);
            succeeds(first);
            succeeds(second);

            agrees(
                    "the program's own count, no statistics of the queue",
                    100,
                    latencies(container).count(loop.name(), "read"));
            agrees(
                    "the program's own count, no statistics of the queue",
                    40,
                    latencies(other).count(loop.name(), "write"));
            assertThat(latencies(container).nanos(loop.name(), "read")).isPositive();
            assertThat(use("disk_issues").entries().getAsLong()).isZero();
            assertThat(use("disk_issues").errors().getAsLong()).isZero();
        }
    }

    @Test
    void aContainerThatWasThereBeforeIsFound() throws Exception {
        Path container = sandbox.container();
        groups.io(container);
        Path nested = Files.createDirectory(container.resolve("nested"));
        groups.io(nested);
        collector.close();
        slots.close();
        open();

        try (LoopDevice loop = new LoopDevice(8 * MIB)) {
            succeeds(start(container, loop.path(), "read", 20));
            succeeds(start(nested, loop.path(), "read", 30));
            agrees(
                    "the program's own count in a container that was there before",
                    50,
                    latencies(container).count(loop.name(), "read"));
        }
    }

    /** Version 1 charges all writeback to the root group. */
    @Test
    @Tag(RealKernel.CGROUP_V2)
    void whatIsWrittenBackBelongsToWhoDirtiedIt() throws Exception {
        Path dirtier = sandbox.container();
        Path other = sandbox.container();
        try (TestDisk disk = new TestDisk()) {
            String device = disk.device();
            // a file belongs to the group that made it dirty first
            succeeds(start(dirtier, disk.place("dirty"), "buffered", 200));
            succeeds(start(other, disk.file("read", MIB), "read", 10));
            assertThat(latencies(dirtier).count(device, "write")).isZero();
            succeeds(sandbox.runOutside("sync"));

            long truth = groups.requests(dirtier, "write");
            assertThat(truth).isPositive();
            agrees(
                    "io.stat wios of what was written back later",
                    truth,
                    latencies(dirtier).count(device, "write"));
            assertThat(latencies(other).count(device, "write")).isZero();
        }
    }

    @Test
    void seriesAreFreedWithTheirSlotAndUsedAgain() throws Exception {
        long before = use("disk_series").entries().getAsLong();
        try (LoopDevice loop = new LoopDevice(MIB)) {
            for (int i = 0; i < ROUNDS; i++) {
                Path container = sandbox.container();
                succeeds(start(container, loop.path(), "read", 20));
                assertThat(latencies(container).count(loop.name(), "read")).isBetween(18L, 20L);
                Slot slot = sandbox.slot(slots, container).orElseThrow();
                sandbox.remove(container);
                await().atMost(5, SECONDS).until(() -> {
                    Slot ended = sandbox.slot(slots, container).orElseThrow();
                    return slots.release(ended);
                });
                assertThat(Latencies.of(collector, slot.index()).labels()).isEmpty();
            }
        }
        assertThat(use("disk_series").entries().getAsLong())
                .as("but for series that other containers of this machine have taken meanwhile")
                .isLessThan(before + ROUNDS);
    }

    private MapUse use(String map) {
        return collector.maps().stream()
                .filter(use -> use.map().equals(map))
                .findFirst()
                .orElseThrow();
    }

    private Process start(Path container, Path file, String how, int times) throws IOException {
        return new ProcessBuilder(
                        Load.program("disk").toString(),
                        groups.list(container),
                        file.toString(),
                        how,
                        Integer.toString(times))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void succeeds(Process process) throws InterruptedException {
        assertThat(process.waitFor()).isZero();
    }

    private Latencies latencies(Path container) throws IOException {
        return Latencies.of(
                collector, sandbox.slot(slots, container).orElseThrow().index());
    }

    /**
     * By hash, one request of 300 was seen to be missed, rarely, for a reason not yet known. By storage with cgroups the kernel
     * has none to give, on a CPU, while it is being looked at there in what the completion interrupts.
     */
    private void agrees(String oracle, long truth, long measured) {
        Accuracy.record(Catalogue.DISK_IO_LATENCY.name(), oracle, truth, measured);
        assertThat(measured).as(oracle).isBetween(truth - (hashed ? truth / 100 + 1 : truth / 10), truth);
    }
}
