package io.kpod.agent.collector.pagefaults;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.agent.Accuracy;
import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.ControllerGroups;
import io.kpod.agent.kernel.Load;
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

/** Major page faults beside ru_majflt, which wait4 tells of tasks that were born in the container. */
@ParameterizedClass(name = "hashed={0}")
@MethodSource("io.kpod.agent.kernel.RealKernel#variants")
class PageFaultsFamilyTest {
    private static final int PAGE = 4096;

    private final CgroupSandbox sandbox;
    private final ControllerGroups groups;
    private final ContainerSlots slots;
    private final Collector collector;

    PageFaultsFamilyTest(boolean hashed) throws Exception {
        RealKernel.require();
        slots = RealKernel.open(RealKernel.foreignContainers() + 300, hashed);
        collector = PageFaultsFamily.open(slots, RealKernel.btf());
        assertThat(collector.state()).isInstanceOf(CollectorState.Running.class);
        sandbox = new CgroupSandbox();
        groups = new ControllerGroups(sandbox);
    }

    @AfterEach
    void close() throws Exception {
        sandbox.close();
        groups.close();
        collector.close();
        slots.close();
    }

    @Test
    void faultsFromMappedFilesAreToldApartExactly() throws Exception {
        Path many = sandbox.container();
        Path few = sandbox.container();
        try (TestDisk disk = new TestDisk()) {
            Process first = start(many, "file", disk.file("many", 900 * PAGE).toString());
            Process second = start(few, "file", disk.file("few", 100 * PAGE).toString());
            long manyTruth = faults(first);
            long fewTruth = faults(second);

            assertThat(manyTruth).isGreaterThanOrEqualTo(900);
            assertThat(fewTruth).isBetween(100L, 200L);
            agrees("ru_majflt, mapped file", many, manyTruth);
            agrees("ru_majflt, mapped file", few, fewTruth);
        }
    }

    /** Version 1 limits memory and swap by other files. */
    @Test
    @Tag(RealKernel.CGROUP_V2)
    void faultsFromSwapAreTheContainers() throws Exception {
        assertThat(Files.readAllLines(Path.of("/proc/swaps")))
                .as("swap is on: swapon")
                .hasSizeGreaterThan(1);
        Path one = sandbox.container();
        Path other = sandbox.container();
        Files.writeString(one.resolve("memory.max"), "8M");
        Files.writeString(other.resolve("memory.max"), "8M");
        Process first = start(one, "swap", "20");
        Process second = start(other, "swap", "12");
        long oneTruth = faults(first);
        long otherTruth = faults(second);

        assertThat(oneTruth).isGreaterThan(otherTruth);
        assertThat(otherTruth).isPositive();
        agrees("ru_majflt, swap", one, oneTruth);
        agrees("ru_majflt, swap", other, otherTruth);
    }

    @Test
    void faultsOutsideContainersAreNoContainers() throws Exception {
        Path container = sandbox.container();
        Path outside = Files.createDirectory(sandbox.outside().resolve("plain"));
        try (TestDisk disk = new TestDisk()) {
            Path file = disk.file("outside", 50 * PAGE);
            assertThat(faults(start(outside, "file", file.toString()))).isGreaterThanOrEqualTo(50);
            agrees("ru_majflt of a task outside", container, 0);
        }
    }

    private Process start(Path group, String... how) throws IOException {
        return new ProcessBuilder(List.of(Load.program("faults").toString(), groups.list(group), how[0], how[1]))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static long faults(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes()).strip();
        assertThat(process.waitFor()).isZero();
        return Long.parseLong(output);
    }

    private void agrees(String oracle, Path container, long truth) throws IOException {
        long[] values = new long[collector.width()];
        collector.read(sandbox.slot(slots, container).orElseThrow().index(), values, 0);
        Accuracy.record(Catalogue.MEM_MAJOR_PAGE_FAULTS.name(), oracle, truth, values[0]);
        assertThat(values[0]).as(oracle).isEqualTo(truth);
    }
}
