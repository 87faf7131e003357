package io.kpod.agent.collector.cgroup;

import static io.kpod.summary.Catalogue.CPU_PERIODS;
import static io.kpod.summary.Catalogue.CPU_THROTTLED_PERIODS;
import static io.kpod.summary.Catalogue.CPU_THROTTLED_TIME;
import static io.kpod.summary.Catalogue.CPU_USAGE;
import static io.kpod.summary.Catalogue.MEM_LIMIT_BYTES;
import static io.kpod.summary.Catalogue.MEM_RSS_BYTES;
import static io.kpod.summary.Catalogue.MEM_WORKING_SET_BYTES;
import static io.kpod.summary.Catalogue.PRESSURE_CPU_FULL;
import static io.kpod.summary.Catalogue.PRESSURE_CPU_SOME;
import static io.kpod.summary.Catalogue.PRESSURE_IO_SOME;
import static io.kpod.summary.Catalogue.PRESSURE_MEMORY_SOME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.kpod.agent.Accuracy;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.Round;
import io.kpod.agent.collector.SlowCollector;
import io.kpod.agent.collector.Target;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.ResourceSandbox;
import io.kpod.agent.collector.files.Values;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.Load;
import io.kpod.agent.kernel.RealKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers with real limits, in the hierarchies that this machine has, beside what /proc says of their processes. */
class CgroupCollectorTest {
    private static final long MIB = 1024 * 1024;
    private static final long PAGE = 4096;
    private static final String SPIN = "exec '" + Load.program("resources") + "' spin";

    private final Descriptors descriptors = new Descriptors(1_000);
    private ResourceSandbox sandbox;
    private SlowCollector collector;

    @BeforeEach
    void open() throws IOException {
        RealKernel.require();
        sandbox = new ResourceSandbox();
        collector = CgroupCollector.open(sandbox.hierarchies(), descriptors);
    }

    @AfterEach
    void close() throws IOException {
        collector.close();
        sandbox.close();
        assertThat(descriptors.kept()).as("descriptors that were not closed").isZero();
    }

    /** Nanoseconds that the tasks of a container ran and that they waited for a CPU, by the scheduler's own account. */
    private record Schedule(long ranNanos, long waitedNanos) {
        static Schedule of(List<Long> pids) throws IOException {
            long ran = 0;
            long waited = 0;
            for (long pid : pids) {
                try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
                    for (Path task : tasks.toList()) {
                        String[] words = Files.readString(task.resolve("schedstat"))
                                .strip()
                                .split(" ");
                        ran += Long.parseLong(words[0]);
                        waited += Long.parseLong(words[1]);
                    }
                }
            }
            return new Schedule(ran, waited);
        }
    }

    @Test
    void theStateNamesTheHierarchyOfEachFile() {
        String cpu = sandbox.hierarchies().inV2("cpu") ? "cpu.stat of cgroup v2" : "cpuacct.usage of cgroup v1";
        String memory =
                sandbox.hierarchies().inV2("memory") ? "memory.max of cgroup v2" : "limit_in_bytes of cgroup v1";
        assertThat(collector.state())
                .isInstanceOfSatisfying(
                        CollectorState.Running.class,
                        running -> assertThat(running.hook()).contains(cpu).contains(memory));
    }

    @Test
    void cpuTimeIsThatOfTheContainersOwnTasks() throws Exception {
        Target.OfContainer busy = sandbox.container();
        Target.OfContainer lazy = sandbox.container();
        ResourceSandbox.awaitReady(sandbox.run(busy, "echo ready; " + SPIN));
        ResourceSandbox.awaitReady(sandbox.run(lazy, "echo ready; while :; do sleep 1; done"));
        CgroupSandbox.pause(300);

        Values[] before = frozen(busy, lazy);
        Schedule busyBefore = Schedule.of(sandbox.pids(busy));
        sandbox.thaw(busy);
        sandbox.thaw(lazy);
        CgroupSandbox.pause(2_000);
        Values[] after = frozen(busy, lazy);
        Schedule busyAfter = Schedule.of(sandbox.pids(busy));

        double truth = busyAfter.ranNanos() - busyBefore.ranNanos();
        double measured = after[0].of(CPU_USAGE) - before[0].of(CPU_USAGE);
        Accuracy.record(CPU_USAGE.name(), "schedstat", truth / 1e9, measured / 1e9);
        assertThat(measured).isCloseTo(truth, Percentage.withPercentage(1));
        assertThat(after[1].of(CPU_USAGE) - before[1].of(CPU_USAGE))
                .as("the other container ran little")
                .isPositive()
                .isLessThan(truth / 2);
    }

    @Test
    void aQuotaThrottlesOneContainerAndNotTheOther() throws Exception {
        Target.OfContainer limited = sandbox.container();
        Target.OfContainer free = sandbox.container();
        sandbox.limitCpu(limited, 10_000, 50_000);
        sandbox.limitCpu(free, 1_000_000, 50_000);
        ResourceSandbox.awaitReady(sandbox.run(limited, "echo ready; " + SPIN));
        ResourceSandbox.awaitReady(sandbox.run(free, "echo ready; while :; do sleep 0.2; done"));
        CgroupSandbox.pause(300);
        List<Target> both = List.of(limited, free);

        Values freeBefore = Values.of(collector, both, free);
        Schedule scheduleBefore = Schedule.of(sandbox.pids(limited));
        long beforeFirst = System.nanoTime();
        Values before = Values.of(collector, both, limited);
        long afterFirst = System.nanoTime();
        CgroupSandbox.pause(3_000);
        long beforeSecond = System.nanoTime();
        Values after = Values.of(collector, both, limited);
        long afterSecond = System.nanoTime();
        Schedule scheduleAfter = Schedule.of(sandbox.pids(limited));
        Values freeAfter = Values.of(collector, both, free);
        // a reading takes a while: the truth is between these
        double least = (beforeSecond - afterFirst) / 50e6;
        double most = (afterSecond - beforeFirst) / 50e6;
        double periods = (least + most) / 2;

        double counted = after.of(CPU_PERIODS) - before.of(CPU_PERIODS);
        double throttled = after.of(CPU_THROTTLED_PERIODS) - before.of(CPU_THROTTLED_PERIODS);
        double throttledTime = after.of(CPU_THROTTLED_TIME) - before.of(CPU_THROTTLED_TIME);
        double waited = scheduleAfter.waitedNanos() - scheduleBefore.waitedNanos();
        double quotas = (scheduleAfter.ranNanos() - scheduleBefore.ranNanos()) / 10e6;
        Accuracy.record(CPU_PERIODS.name(), "the clock", periods, counted);
        Accuracy.record(CPU_THROTTLED_PERIODS.name(), "the clock", periods, throttled);
        Accuracy.record(CPU_THROTTLED_TIME.name(), "schedstat's wait", waited / 1e9, throttledTime / 1e9);
        // one at an end of the time, and one whose timer is late
        // on a busy CPU the group may wait for others throughout a period, which the kernel does not count then
        assertThat(counted).isBetween(0.9 * least - 2, most + 2);
        assertThat(throttled)
                .as("whenever it has used its quota up, which a busy CPU may keep it from")
                .isBetween(0.7 * Math.min(least, quotas) - 2, most + 2);
        assertThat(throttledTime)
                .as("it waits for its quota, and on a busy machine for a CPU too")
                .isBetween(0.2 * waited, 1.05 * waited);
        assertThat(freeAfter.of(CPU_THROTTLED_PERIODS)).isZero();
        assertThat(freeAfter.of(CPU_THROTTLED_TIME)).isZero();
        assertThat(freeAfter.of(CPU_PERIODS)).isGreaterThan(freeBefore.of(CPU_PERIODS));
    }

    @Test
    void memoryIsThatOfTheContainersOwnProcesses() throws Exception {
        Target.OfContainer large = sandbox.container();
        Target.OfContainer small = sandbox.container();
        sandbox.limitMemory(large, 96 * MIB);
        ResourceSandbox.awaitReady(sandbox.run(large, "exec '" + Load.program("resources") + "' memory " + 48 * MIB));
        ResourceSandbox.awaitReady(sandbox.run(small, "exec '" + Load.program("resources") + "' memory " + 8 * MIB));

        Values values = Values.of(collector, List.of(large, small), large);
        Values others = Values.of(collector, List.of(large, small), small);

        double truth = anonymousBytes(sandbox.pids(large));
        Accuracy.record(MEM_RSS_BYTES.name(), "/proc/PID/smaps_rollup", truth, values.of(MEM_RSS_BYTES));
        Accuracy.record(MEM_LIMIT_BYTES.name(), "the limit set", 96 * MIB, values.of(MEM_LIMIT_BYTES));
        assertThat(truth).isGreaterThanOrEqualTo(48 * MIB);
        // pages are charged in batches of 64 a CPU
        assertThat(values.of(MEM_RSS_BYTES)).isCloseTo(truth, within(MIB / 1.0));
        assertThat(values.of(MEM_WORKING_SET_BYTES)).isBetween(48.0 * MIB, 56.0 * MIB);
        assertThat(values.of(MEM_LIMIT_BYTES)).isEqualTo(96 * MIB);
        assertThat(others.of(MEM_RSS_BYTES)).isBetween(8.0 * MIB - RealKernel.keptByCpus() * PAGE, 10.0 * MIB);
        assertThat(others.has(MEM_LIMIT_BYTES)).as("no limit").isFalse();
    }

    @Test
    void memoryOfNestedGroupsIsTheContainersAndCacheNobodyUsesIsNotInItsWorkingSet() throws Exception {
        Target.OfContainer container = sandbox.container();
        Path file = Files.createTempFile(Path.of("target"), "cache", "");
        try {
            sandbox.run(
                            container,
                            "head -c " + 32 * MIB + " /dev/zero > '" + file.toAbsolutePath() + "'; sync '"
                                    + file.toAbsolutePath() + "'; echo ready; sleep 100")
                    .inputReader()
                    .readLine();
            Values values = Values.of(collector, container);
            double used = number(sandbox.group(container, "memory")
                    .resolve(sandbox.hierarchies().inV2("memory") ? "memory.current" : "memory.usage_in_bytes"));

            assertThat(used).as("the cache is charged").isGreaterThan(32 * MIB);
            assertThat(values.of(MEM_WORKING_SET_BYTES)).isLessThan(used - 24 * MIB);
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void pressureGrowsWhereTasksWaitForACpuAndNotElsewhere() throws Exception {
        assumeThat(Files.exists(Path.of("/proc/pressure/cpu")))
                .as("the kernel has pressure stall information")
                .isTrue();
        Target.OfContainer crowded = sandbox.container();
        Target.OfContainer idle = sandbox.container();
        String pinned = "taskset -pc 0 $$ >/dev/null; ";
        sandbox.run(
                crowded,
                pinned + "'" + Load.program("resources") + "' spin & '" + Load.program("resources") + "' spin & wait");
        sandbox.run(idle, "sleep 100");
        CgroupSandbox.pause(2_500); // the kernel averages, and adds up, every two seconds
        List<Target> both = List.of(crowded, idle);
        long begin = System.nanoTime();
        Values before = Values.of(collector, both, crowded);
        CgroupSandbox.pause(2_500);
        Values after = Values.of(collector, both, crowded);
        double wall = System.nanoTime() - begin;
        Values others = Values.of(collector, both, idle);

        double some = after.of(PRESSURE_CPU_SOME) - before.of(PRESSURE_CPU_SOME);
        Accuracy.record(PRESSURE_CPU_SOME.name(), "one of two tasks always waits", wall / 1e9, some / 1e9);
        assertThat(some).isCloseTo(wall, Percentage.withPercentage(10));
        assertThat(others.of(PRESSURE_CPU_SOME)).isLessThan(0.2 * wall);
        assertThat(after.has(PRESSURE_MEMORY_SOME)).isTrue();
        assertThat(after.has(PRESSURE_IO_SOME)).isTrue();
        boolean full =
                Files.readString(sandbox.v2(crowded).resolve("cpu.pressure")).contains("full");
        assertThat(after.has(PRESSURE_CPU_FULL))
                .as("absent where the kernel has it not")
                .isEqualTo(full);
    }

    @Test
    void aContainerThatIsGoneHasNothing() throws Exception {
        Target.OfContainer gone = sandbox.container();
        Target.OfContainer stays = sandbox.container();
        List<Target> both = List.of(gone, stays);
        Values before = Values.of(collector, both, gone);
        Values.of(collector, both, stays);
        int kept = descriptors.kept();

        sandbox.remove(gone);

        assertThat(before.has(CPU_USAGE)).isTrue();
        assertThat(Values.of(collector, both, gone).values()).isEmpty();
        assertThat(Values.of(collector, both, gone).values()).isEmpty();
        assertThat(Values.of(collector, both, stays).has(CPU_USAGE)).isTrue();
        collector.begin(new Round(List.of(stays)));
        assertThat(descriptors.kept()).isEqualTo(kept / 2);
    }

    @Test
    void withoutDescriptorsToKeepItSaysTheSame() throws Exception {
        Target.OfContainer container = sandbox.container();
        try (SlowCollector poor = CgroupCollector.open(sandbox.hierarchies(), new Descriptors(0))) {
            assertThat(Values.of(poor, container)).isEqualTo(Values.of(collector, container));
        }
    }

    private Values[] frozen(Target.OfContainer first, Target.OfContainer second) throws IOException {
        sandbox.freeze(first);
        sandbox.freeze(second);
        List<Target> both = List.of(first, second);
        return new Values[] {Values.of(collector, both, first), Values.of(collector, both, second)};
    }

    /** By the page tables: RssAnon of status is some pages behind on kernels that count them per task first. */
    private static double anonymousBytes(List<Long> pids) throws IOException {
        double bytes = 0;
        for (long pid : pids) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
                if (line.startsWith("Anonymous:")) {
                    bytes += 1024 * Double.parseDouble(line.replaceAll("\\D", ""));
                }
            }
        }
        return bytes;
    }

    private static double number(Path file) throws IOException {
        return Double.parseDouble(Files.readString(file).strip());
    }
}
