package io.kpod.agent.collector.pagefaults;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.agent.Accuracy;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.SlowCollector;
import io.kpod.agent.collector.Target;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.Hierarchies;
import io.kpod.agent.container.CgroupPath;
import io.kpod.agent.container.ContainerName;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.ControllerGroups;
import io.kpod.agent.kernel.Load;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.agent.kernel.TestDisk;
import io.kpod.summary.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What is read where the kernel refuses perf events, beside ru_majflt. */
class PageFaultsFilesTest {
    private static final int PAGE = 4096;

    @Test
    void twoContainersAreToldApartAndWhyItIsReadIsSaid() throws Exception {
        RealKernel.require();
        try (CgroupSandbox sandbox = new CgroupSandbox();
                ControllerGroups groups = new ControllerGroups(sandbox);
                TestDisk disk = new TestDisk();
                SlowCollector collector = PageFaultsFiles.open(
                        Hierarchies.find(Path.of("/sys/fs/cgroup")), new Descriptors(10), "because")) {
            Target many = target(sandbox, sandbox.container());
            Target few = target(sandbox, sandbox.container());
            long manyTruth = faults(groups, many, disk.file("many", 700 * PAGE));
            long fewTruth = faults(groups, few, disk.file("few", 80 * PAGE));

            assertThat(collector.state())
                    .isInstanceOfSatisfying(
                            CollectorState.Running.class,
                            running -> assertThat(running.hook()).contains("memory.stat", "because"));
            // the kernel sums the CPUs' counts up now and then
            long kept = RealKernel.keptByCpus();
            await().atMost(30, SECONDS).untilAsserted(() -> {
                assertThat(read(collector, many)).isBetween(manyTruth - kept, manyTruth);
                assertThat(read(collector, few)).isBetween(fewTruth - kept, fewTruth);
            });
            Accuracy.record(
                    Catalogue.MEM_MAJOR_PAGE_FAULTS.name(), "ru_majflt, memory.stat", manyTruth, read(collector, many));
        }
    }

    private static Target.OfContainer target(CgroupSandbox sandbox, Path group) throws IOException {
        String path = sandbox.inHierarchy(group);
        return new Target.OfContainer(
                path.hashCode(), new ContainerName("test", "pod", "uid", "main", path), CgroupPath.parse(path), path);
    }

    private static long faults(ControllerGroups groups, Target target, Path file) throws Exception {
        Path group = groups.group(((Target.OfContainer) target).cgroup());
        Process process = new ProcessBuilder(
                        Load.program("faults").toString(), groups.list(group), "file", file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes()).strip();
        assertThat(process.waitFor()).isZero();
        return Long.parseLong(output);
    }

    private static long read(SlowCollector collector, Target target) {
        Sample sample = new Sample();
        collector.sample(target, sample);
        long[] value = {-1};
        sample.forEach((metric, labels, bits) -> value[0] = bits);
        return value[0];
    }
}
