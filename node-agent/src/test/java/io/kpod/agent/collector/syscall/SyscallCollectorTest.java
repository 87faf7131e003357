package io.kpod.agent.collector.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.agent.Accuracy;
import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.syscall.SyscallLoad.Report;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.ContainerSlots.Slot;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.summary.Catalogue;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.histogram.Schema3;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The collector beside loads that count their own system calls and look at the clock around each. In the variant of this
 * kernel and in that for kernels without storage with cgroups and tasks.
 */
@ParameterizedClass(name = "hashed={0}")
@MethodSource("io.kpod.agent.kernel.RealKernel#variants")
class SyscallCollectorTest {
    private static final List<String> DEFAULT = List.of(
            "read", "write", "openat", "close", "connect", "accept4", "sendto", "recvfrom", "epoll_wait", "futex");

    private final boolean hashed;
    private final CgroupSandbox sandbox;
    private final ContainerSlots slots;
    private final List<Collector> collectors = new ArrayList<>();

    SyscallCollectorTest(boolean hashed) throws Exception {
        RealKernel.require();
        this.hashed = hashed;
        slots = RealKernel.open(RealKernel.foreignContainers() + 20, hashed);
        sandbox = new CgroupSandbox();
    }

    @AfterEach
    void close() throws Exception {
        sandbox.close();
        collectors.forEach(Collector::close);
        slots.close();
    }

    @Test
    void everyTrackedCallIsCountedInItsContainerWithItsErrors() throws Exception {
        Collector collector = track(DEFAULT);
        Path first = sandbox.container();
        Path second = sandbox.container();

        Report firstTruth;
        Report secondTruth;
        try (SyscallLoad one = SyscallLoad.start(first, "calls", 700);
                SyscallLoad other = SyscallLoad.start(second, "calls", 1_000)) {
            firstTruth = one.finish();
            secondTruth = other.finish();
        }

        Reading firstReading = read(collector, first);
        Reading secondReading = read(collector, second);
        for (String name : collector.labelValues(Catalogue.SYSCALL_COUNT)) {
            agree(name, firstReading, firstTruth);
            agree(name, secondReading, secondTruth);
            assertThat(firstTruth.of(name).count()).as(name).isGreaterThanOrEqualTo(700);
        }
    }

    @Test
    void rawTracepointsServeAsWell() throws Exception {
        Collector collector = SyscallFamily.open(DEFAULT, slots, RealKernel.btf(), false);
        collectors.add(collector);
        assertThat(collector.state()).asString().contains("raw_tp/sys_enter and sys_exit");
        Path container = sandbox.container();

        Report truth = SyscallLoad.run(container, "calls", 50);

        for (String name : collector.labelValues(Catalogue.SYSCALL_COUNT)) {
            agree(name, read(collector, container), truth);
        }
    }

    @Test
    void whatIsNotTrackedIsNotCounted() throws Exception {
        Collector collector = track(List.of("accept4", "sendto"));
        Path container = sandbox.container();

        Report truth = SyscallLoad.run(container, "calls", 10);

        assertThat(collector.labelValues(Catalogue.SYSCALL_LATENCY)).containsExactly("accept4", "sendto");
        agree("accept4", read(collector, container), truth);
        agree("sendto", read(collector, container), truth);
    }

    @Test
    void whatRunsOutsideContainersIsNobodys() throws Exception {
        Collector collector = track(DEFAULT);
        Path container = sandbox.container();

        SyscallLoad.run(sandbox.outside(), "calls", 10);

        assertThat(read(collector, container).values()).containsOnly(0);
        assertThat(Reading.of(collector, 0).values()).as("those without a slot").containsOnly(0);
    }

    @Test
    void aCallTakesAsLongAsTheProgramWaits() throws Exception {
        Collector collector = track(List.of("futex", "epoll_wait"));
        Path first = sandbox.container();
        Path second = sandbox.container();

        Report firstTruth;
        Report secondTruth;
        try (SyscallLoad one = SyscallLoad.start(first, "block", 40, "4000");
                SyscallLoad other = SyscallLoad.start(second, "block", 30, "6000")) {
            firstTruth = one.finish();
            secondTruth = other.finish();
        }

        waitsAgree(read(collector, first), firstTruth);
        waitsAgree(read(collector, second), secondTruth);
    }

    @Test
    void allThreadsCount() throws Exception {
        Collector collector = track(List.of("read", "write", "exit", "exit_group"));
        Path container = sandbox.container();

        Report truth = SyscallLoad.run(container, "threads", 2_000);

        Reading reading = read(collector, container);
        agree("read", reading, truth);
        agree("write", reading, truth);
        assertThat(truth.of("read").count()).isEqualTo(4 * 2_000);
        assertThat(reading.count("exit")).isEqualTo(4);
        assertThat(reading.count("exit_group")).isEqualTo(1);
        assertThat(reading.samples("exit") + reading.samples("exit_group"))
                .as("what never returns takes no time")
                .isZero();
    }

    @Test
    void aCallIsTheContainersThatTheTaskIsInWhenItReturns() throws Exception {
        Collector collector = track(List.of("read"));
        Path before = sandbox.container();
        Path after = sandbox.container();

        Report truth;
        try (SyscallLoad load = SyscallLoad.start(before, "wait", 1)) {
            awaitBlockedIn(before);
            CgroupSandbox.pause(100);
            CgroupSandbox.move(before, after);
            CgroupSandbox.pause(50);
            truth = load.finish();
        }

        assertThat(read(collector, before).values()).containsOnly(0);
        agree("read", read(collector, after), truth);
        assertThat(read(collector, after).nanos("read")).isGreaterThan(100_000_000L);
    }

    @Test
    void aCallThatBeganBeforeTheProgramsIsCountedAndNotTimed() throws Exception {
        Path container = sandbox.container();
        Collector collector;
        try (SyscallLoad load = SyscallLoad.start(container, "wait", 1)) {
            awaitBlockedIn(container);
            collector = track(List.of("read"));
            load.finish();
        }

        Reading reading = read(collector, container);
        assertThat(reading.count("read")).isEqualTo(1);
        assertThat(reading.errors("read")).isZero();
        assertThat(reading.samples("read")).isZero();
        assertThat(reading.nanos("read")).isZero();
    }

    @Test
    void whatASignalEndsIsAnErrorAndTheHandlersReturnIsNone() throws Exception {
        Collector collector = track(List.of("read", "rt_sigreturn"));
        Path container = sandbox.container();

        Report truth = SyscallLoad.run(container, "interrupt", 30);

        Reading reading = read(collector, container);
        agree("read", reading, truth);
        assertThat(truth.of("read").errors()).isEqualTo(30);
        assertThat(reading.count("rt_sigreturn"))
                .isEqualTo(truth.of("rt_sigreturn").count())
                .isGreaterThanOrEqualTo(30);
        assertThat(reading.errors("rt_sigreturn")).isZero();
        assertThat(reading.samples("rt_sigreturn")).isEqualTo(reading.count("rt_sigreturn"));
    }

    @Test
    void aCallThatReturnsInTwoTasksIsOne() throws Exception {
        List<String> names = List.of("clone", "clone3", "vfork", "exit_group");
        Collector collector = track(names);
        Path container = sandbox.container();

        Report truth = SyscallLoad.run(container, "clones", 25);

        Reading reading = read(collector, container);
        assertThat(reading.count("clone")).isEqualTo(50);
        for (String name : collector.labelValues(Catalogue.SYSCALL_COUNT)) {
            assertThat(reading.count(name))
                    .as("count of %s", name)
                    .isEqualTo(truth.of(name).count());
            assertThat(reading.errors(name))
                    .as("errors of %s", name)
                    .isEqualTo(truth.of(name).errors());
        }
    }

    @Test
    void anExecIsCountedByTheNameItWasEnteredBy() throws Exception {
        Collector both = track(List.of("execve", "execveat"));
        Collector first = track(List.of("execve"));
        Collector second = track(List.of("execveat"));
        Path container = sandbox.container();

        Report truth = SyscallLoad.run(container, "execs", 15);

        assertThat(truth.of("execve").count()).isEqualTo(30);
        assertThat(truth.of("execveat").count()).isEqualTo(30);
        for (Collector collector : List.of(both, first, second)) {
            for (String name : collector.labelValues(Catalogue.SYSCALL_COUNT)) {
                Reading reading = read(collector, container);
                assertThat(reading.count(name)).as(name).isEqualTo(30);
                assertThat(reading.errors(name))
                        .as(name)
                        .isEqualTo(truth.of(name).errors());
                assertThat(reading.samples(name)).as(name).isEqualTo(30);
            }
        }
    }

    @Test
    void thirtyTwoBitCallsAreTakenByTheirOwnNumbers() throws Exception {
        if (!SyscallTable.thisArchitecture().equals("x86_64")) {
            return; // elsewhere a 64-bit program has no way to them
        }
        Collector collector = track(List.of("read", "write", "openat", "close", "lstat"));
        Path container = sandbox.container();

        Report truth = SyscallLoad.run(container, "compat", 40);

        Reading reading = read(collector, container);
        for (String name : collector.labelValues(Catalogue.SYSCALL_COUNT)) {
            assertThat(reading.count(name)).as(name).isEqualTo(truth.of(name).count());
            assertThat(reading.errors(name)).as(name).isEqualTo(truth.of(name).errors());
        }
        assertThat(truth.of("read").count()).isEqualTo(120);
    }

    @Test
    void whatSeccompRefusesIsAnErrorAndTookNoTime() throws Exception {
        Collector collector = track(List.of("connect"));
        Path container = sandbox.container();

        SyscallLoad.run(container, "seccomp", 20);

        Reading reading = read(collector, container);
        assertThat(reading.count("connect")).isEqualTo(20);
        assertThat(reading.errors("connect")).isEqualTo(20);
        assertThat(reading.samples("connect")).isZero();
    }

    @Test
    void aSlotThatIsGivenBackIsEmptyForAllItsCalls() throws Exception {
        Collector collector = track(DEFAULT);
        Path container = sandbox.container();
        Path neighbour = sandbox.container();
        SyscallLoad.run(container, "calls", 10);
        Report truth = SyscallLoad.run(neighbour, "calls", 20);
        sandbox.remove(container);
        CgroupSandbox.pause(250);
        Slot slot = sandbox.slot(slots, container).orElseThrow();
        assertThat(Reading.of(collector, slot.index()).count("read")).isEqualTo(50);

        assertThat(slots.release(slot)).isTrue();

        assertThat(Reading.of(collector, slot.index()).values()).containsOnly(0);
        for (String name : collector.labelValues(Catalogue.SYSCALL_COUNT)) {
            agree(name, read(collector, neighbour), truth);
        }
    }

    @Test
    void noneOfItsMapsOverflows() throws Exception {
        Collector collector = track(DEFAULT);
        SyscallLoad.run(sandbox.container(), "threads", 100);

        assertThat(collector.maps()).singleElement().satisfies(map -> {
            assertThat(map.map()).isEqualTo("calls");
            assertThat(map.errors().getAsLong()).isZero();
            assertThat(map.entries().getAsLong()).isBetween(hashed ? 1L : 0L, 32_768L);
        });
    }

    @Test
    void theStateSaysWhatTheArchitectureLacks() {
        Collector collector = SyscallFamily.open(List.of("renameat", "open", "socketcall"), slots, RealKernel.btf());
        collectors.add(collector);

        assertThat(collector.state())
                .isInstanceOfSatisfying(
                        CollectorState.Running.class,
                        running -> assertThat(running.hook())
                                .startsWith("tp_btf/sys_enter and sys_exit, by "
                                        + (hashed ? "hash" : "cgroup and task storage")));
        assertThat(collector.labelValues(Catalogue.SYSCALL_COUNT))
                .containsExactlyElementsOf(
                        SyscallTable.thisArchitecture().equals("x86_64")
                                ? List.of("renameat", "open", "socketcall")
                                : List.of("renameat"));
    }

    private Collector track(List<String> names) {
        Collector collector = SyscallFamily.open(names, slots, RealKernel.btf());
        assertThat(collector.state()).isInstanceOf(CollectorState.Running.class);
        collectors.add(collector);
        return collector;
    }

    private Reading read(Collector collector, Path group) throws Exception {
        return Reading.of(
                collector,
                sandbox.slot(slots, group)
                        .orElseThrow(() -> new AssertionError("no slot of " + group))
                        .index());
    }

    /** Counts and errors are equal; the time is within what the program measured around each call. */
    private void agree(String name, Reading reading, Report truth) {
        SyscallLoad.Tally expected = truth.of(name);
        Accuracy.record("kpod.syscall.count", "the program's own count", expected.count(), reading.count(name));
        Accuracy.record("kpod.syscall.errors", "the program's own count", expected.errors(), reading.errors(name));
        assertThat(reading.count(name)).as("count of %s", name).isEqualTo(expected.count());
        assertThat(reading.errors(name)).as("errors of %s", name).isEqualTo(expected.errors());
        assertThat(reading.samples(name)).as("samples of %s", name).isEqualTo(expected.count());
        assertThat(reading.nanos(name)).as("time of %s", name).isPositive().isLessThanOrEqualTo(expected.nanos());
    }

    /** Of calls that blocked: the whole, and each of them in its bucket. */
    private static void waitsAgree(Reading reading, Report truth) {
        truth.waits().forEach((call, waits) -> {
            String name = call.replace('-', '_').replace("futex_wait", "futex");
            long expected = waits.stream().mapToLong(Long::longValue).sum();
            Accuracy.record(
                    "kpod.syscall.latency", "the program's own clock", expected / 1e9, reading.nanos(name) / 1e9);
            assertThat(reading.samples(name)).as("samples of %s", name).isEqualTo(waits.size());
            assertThat(reading.nanos(name)).as("time of %s", name).isBetween((long) (expected * 0.9), expected);

            List<Long> sorted = waits.stream().sorted().toList();
            long[] latency = reading.latency(name);
            int rank = 0;
            int above = 0;
            for (int bucket = 0; bucket < Schema3.BUCKETS; bucket++) {
                for (long i = 0; i < latency[Histogram.FIRST_BUCKET + bucket]; i++, rank++) {
                    double measured = sorted.get(rank) / 1e9;
                    assertThat(measured)
                            .as("%s number %d of %d, in bucket %d", name, rank, sorted.size(), bucket)
                            .isGreaterThanOrEqualTo(Schema3.lowerBoundSeconds(bucket));
                    above += measured > Schema3.upperBoundSeconds(bucket) * 1.05 + 0.001 ? 1 : 0;
                }
            }
            // between the call's return and its look at the clock a task may lose the CPU
            assertThat(above).as("%s longer by its own clock", name).isLessThanOrEqualTo(sorted.size() / 10);
        });
    }

    /** Until the group's only task sleeps, in the call that it waits in. */
    private static void awaitBlockedIn(Path group) throws Exception {
        int times = 0;
        for (int i = 0; i < 1_000 && times < 3; i++) {
            CgroupSandbox.pause(20);
            List<Long> pids = CgroupSandbox.pids(group);
            times = pids.size() == 1 && sleeps(pids.getFirst()) ? times + 1 : 0;
        }
        assertThat(times).as("%s has a task that sleeps", group).isEqualTo(3);
    }

    private static boolean sleeps(long pid) throws Exception {
        return Files.readString(Path.of("/proc/" + pid + "/stat"))
                .replaceAll(".*\\) ", "")
                .startsWith("S");
    }
}
