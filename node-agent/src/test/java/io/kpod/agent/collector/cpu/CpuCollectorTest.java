package io.kpod.agent.collector.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kpod.agent.Accuracy;
import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.FamilyObject;
import io.kpod.agent.collector.PairVisitor;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.ContainerSlots.Slot;
import io.kpod.agent.kernel.Load;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.bpf.layout.KpodHistogram;
import io.kpod.summary.Catalogue;
import io.kpod.summary.histogram.Histogram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The collector beside what /proc says of the same tasks, which are stopped while both are read, so that all counts
 * must be equal. In the variant of this kernel and in that for kernels without storage with cgroups.
 */
@ParameterizedClass(name = "hashed={0}")
@MethodSource("io.kpod.agent.kernel.RealKernel#variants")
class CpuCollectorTest {
    /** Loads share this CPU, so that they wait for each other. */
    private static final int CPU = Runtime.getRuntime().availableProcessors() - 1;

    private static final String PINNED = "taskset -pc " + CPU + " $$ >/dev/null; ";
    private static final String SPIN = PINNED + "echo ready; while :; do :; done";
    private static final String SPIN_TWICE = PINNED + "(echo ready; while :; do :; done) & while :; do :; done";

    /** Two tasks that wake each other through pipes: voluntary switches, a shell's speed. */
    private static final String PING_PONG =
            PINNED + "coproc cat; echo ready; while :; do echo x >&${COPROC[1]}; read -r line <&${COPROC[0]}; done";

    /**
     * Wakes up twice a second, for a moment; starts no process for its sleep, so that /proc has all its runs and an emulated
     * processor is not busy with it.
     */
    private static final String SELDOM =
            PINNED + "coproc sleep 1000; echo ready; while :; do read -t 0.5 -u ${COPROC[0]} _; done";

    private static final long RUN_MILLIS = 1_000;

    /** Tasks that share a CPU take turns every few milliseconds; other programs of this machine get in between. */
    private static final long OFTEN = 20;

    private static final int PATIENCE_ROUNDS = 15;

    private final boolean hashed;
    private final CgroupSandbox sandbox;
    private ContainerSlots slots;
    private CpuCollector collector;
    private final Map<Pair, Long> pairs = new HashMap<>();

    CpuCollectorTest(boolean hashed) throws Exception {
        RealKernel.require();
        this.hashed = hashed;
        slots = RealKernel.open(RealKernel.foreignContainers() + 300, hashed);
        collector = collector(slots);
        sandbox = new CgroupSandbox();
    }

    @AfterEach
    void close() throws Exception {
        sandbox.close();
        collector.close();
        slots.close();
    }

    @Test
    void twoContainersThatLoadEachOtherAreToldApartExactly() throws Exception {
        Path talker = sandbox.container();
        Path spinner = sandbox.container();
        sandbox.runUntilReady(talker, PING_PONG);
        sandbox.runUntilReady(spinner, SPIN);

        List<Change> changes = observe(talker, spinner);

        changes.forEach(CpuCollectorTest::agrees);
        assertThat(changes.getFirst().truth().switches())
                .as("the two differ enough for a mix-up to be seen")
                .isGreaterThan(2 * changes.getLast().truth().switches());
        assertThat(changes.getLast().reading().preemptedByContainer()).isPositive();
    }

    @Test
    void preemptionsAreChargedToTheContainerThatTookTheCpu() throws Exception {
        Path victim = sandbox.container();
        Path offender = sandbox.container();
        sandbox.runUntilReady(victim, SPIN);
        Change alone = observe(victim).getFirst();
        long pairedAlone = times(victim, offender);
        sandbox.runUntilReady(offender, SPIN);

        long enough = alone.reading().preemptedByContainer() + OFTEN;
        Change together = observe(
                        change -> change.reading().preemptedByContainer() > enough && times(victim, offender) > OFTEN,
                        victim,
                        offender)
                .getFirst();

        agrees(alone);
        agrees(together);
        assertThat(pairedAlone).isZero();
        assertThat(times(victim, offender)).isGreaterThan(OFTEN);
        assertThat(together.reading().preemptedByContainer()).isGreaterThan(enough);
        assertThat(together.reading().preemptedBySelf()).isZero();
        pairsTellOfAll(victim);
    }

    /**
     * Two tasks that want the CPU all the time and one that wants it seldom, and their victim. Who comes after whom is the
     * scheduler's to say; but nobody took the CPU oftener than it ran, which /proc has, and the two took it oftener than
     * the one ran at all.
     */
    @Test
    void threeContainersThatLoadEachOtherAreNamedToEachOther() throws Exception {
        Path victim = sandbox.container();
        Path heavy = sandbox.container();
        Path light = sandbox.container();
        sandbox.runUntilReady(victim, SPIN);
        sandbox.runUntilReady(heavy, SPIN_TWICE);
        sandbox.runUntilReady(light, SELDOM);

        List<Change> changes = observe(
                each -> times(victim, heavy) > Truth.ofProc(light).switches() + OFTEN && times(victim, light) > 0,
                victim,
                heavy,
                light);

        changes.forEach(CpuCollectorTest::agrees);
        long lightRan = Truth.ofProc(light).switches();
        assertThat(times(victim, heavy))
                .isGreaterThan(lightRan)
                .isLessThanOrEqualTo(Truth.ofProc(heavy).switches());
        assertThat(times(victim, light)).isPositive().isLessThanOrEqualTo(lightRan);
        assertThat(times(light, heavy) + times(light, victim))
                .isLessThanOrEqualTo(Truth.ofProc(light).nonvoluntary());
        assertThat(times(victim, victim)).isZero();
        pairsTellOfAll(victim);
        pairsTellOfAll(heavy);
        pairsTellOfAll(light);
    }

    @Test
    void preemptionsByTasksOutsideContainersAreTheHosts() throws Exception {
        Path victim = sandbox.container();
        sandbox.runUntilReady(victim, SPIN);
        Path service = Files.createDirectory(sandbox.outside().resolve("noisy.service"));
        sandbox.runUntilReady(service, SPIN);

        Change change = observe(each -> each.reading().preemptedByHost() > OFTEN, victim)
                .getFirst();

        agrees(change);
        assertThat(change.reading().preemptedByHost()).isGreaterThan(OFTEN);
        assertThat(change.reading().preemptedBySelf()).isZero();
        slots.rewalk();
        assertThat(slots.pathOfHostGroup(id(service))).isEqualTo(sandbox.inHierarchy(service));
        assertThat(pairs().getOrDefault(new Pair(slot(victim).index(), 0, id(service)), 0L))
                .isGreaterThan(OFTEN);
        pairsTellOfAll(victim);
    }

    /** What the one before did is not the next one's, in either role. */
    @Test
    void aSlotThatIsGivenAgainHasNoPairs() throws Exception {
        Path victim = sandbox.container();
        Path offender = sandbox.container();
        sandbox.runUntilReady(victim, SPIN);
        sandbox.runUntilReady(offender, SPIN);
        observe(change -> times(victim, offender) > OFTEN, victim, offender);
        int index = slot(offender).index();
        go(victim, offender);
        CgroupSandbox.pause(RUN_MILLIS);
        sandbox.remove(offender);
        CgroupSandbox.pause(300);
        assertThat(times(victim, index)).isGreaterThan(OFTEN);

        assertThat(slots.release(slot(offender))).isTrue();
        pairs.clear();
        CgroupSandbox.pause(RUN_MILLIS);

        assertThat(pairs().keySet()).noneMatch(pair -> pair.victim() == index || pair.offender() == index);
    }

    /** More pairs than the map holds: names are lost, counts are not, and it shows. */
    @Test
    void pairsThatFindNoRoomAreStillPreemptions() throws Exception {
        collector.close();
        collector = (CpuCollector)
                FamilyObject.open(CpuCollector.NAME, CpuCollector.NAME, slots, opened -> new CpuCollector(opened, 1));
        Path victim = sandbox.container();
        Path offender = sandbox.container();
        sandbox.runUntilReady(victim, SPIN);
        sandbox.runUntilReady(offender, SPIN);

        Change change = observe(each -> each.reading().preemptedByContainer() > OFTEN, victim, offender)
                .getFirst();

        agrees(change);
        assertThat(pairs()).hasSizeLessThanOrEqualTo(1);
        assertThat(collector.maps()).anySatisfy(map -> {
            assertThat(map.map()).isEqualTo("preemptors");
            assertThat(map.capacity()).isEqualTo(1);
            assertThat(map.errors().getAsLong()).isPositive();
        });
    }

    @Test
    void preemptionsByTheContainersOwnTasksAreItsOwn() throws Exception {
        Path victim = sandbox.container();
        sandbox.runUntilReady(victim, SPIN_TWICE);

        Change change = observe(each -> each.reading().preemptedBySelf() > OFTEN, victim)
                .getFirst();

        agrees(change);
        assertThat(change.reading().preemptedBySelf()).isGreaterThan(OFTEN);
    }

    @Test
    void nestedGroupsCountTowardsTheirContainer() throws Exception {
        Path container = sandbox.container();
        Path nested = Files.createDirectories(container.resolve("init.scope/deeper"));
        sandbox.runUntilReady(container, SPIN);
        sandbox.runUntilReady(nested, SPIN);

        CgroupSandbox.pause(300);
        stop(container, nested);
        Truth truth = Truth.ofProc(container, nested);
        Reading reading = read(container);
        go(container, nested);
        CgroupSandbox.pause(RUN_MILLIS);
        stop(container, nested);

        agrees(new Change(
                read(container).since(reading), Truth.ofProc(container, nested).since(truth)));
        sandbox.remove(nested);
        assertThat(slot(container).state()).isEqualTo(ContainerSlots.State.LIVE);
    }

    @Test
    void aContainerThatRanBeforeIsCountedFromTheWalkOn() throws Exception {
        collector.close();
        slots.close();
        Path container = sandbox.container();
        Path nested = Files.createDirectory(container.resolve("payload"));
        sandbox.runUntilReady(nested, PING_PONG);
        CgroupSandbox.pause(300);
        stop(nested);
        slots = RealKernel.open(RealKernel.foreignContainers() + 10, hashed);
        collector = collector(slots);
        Truth truth = Truth.ofProc(nested);

        go(nested);
        CgroupSandbox.pause(RUN_MILLIS);
        stop(nested);

        Reading reading = read(container);
        Truth expected = Truth.ofProc(nested).since(truth);
        assertThat(reading.switches()).isEqualTo(expected.switches());
        assertThat(reading.samples())
                .as("the two tasks' first switches tell of waits that began before")
                .isEqualTo(expected.switches() - 2);
        assertThat(reading.waitNanos()).isLessThanOrEqualTo(expected.waitNanos());
    }

    @Test
    void aTaskThatMovesIsCountedWhereItRuns() throws Exception {
        Path first = sandbox.container();
        Path second = sandbox.container();
        sandbox.runUntilReady(first, SPIN);
        sandbox.runOutside(SPIN);
        CgroupSandbox.pause(300);
        stop(first);
        Reading firstBefore = read(first);
        Truth truth = Truth.ofProc(first);

        CgroupSandbox.move(first, second);
        go(second);
        CgroupSandbox.pause(RUN_MILLIS);
        stop(second);

        agrees(new Change(read(second), Truth.ofProc(second).since(truth)));
        assertThat(read(first).values()).isEqualTo(firstBefore.values());
    }

    @Test
    void whatATaskWaitedOutsideIsNotTheContainers() throws Exception {
        Path container = sandbox.container();
        sandbox.runUntilReady(container, SPIN);
        sandbox.runOutside(SPIN);
        CgroupSandbox.pause(300);
        stop(container);
        Reading before = read(container);
        CgroupSandbox.move(container, sandbox.outside());
        go(sandbox.outside());
        CgroupSandbox.pause(RUN_MILLIS);
        stop(sandbox.outside());
        assertThat(read(container).values()).isEqualTo(before.values());
        Truth truth = Truth.ofProc(sandbox.outside());

        CgroupSandbox.move(sandbox.outside(), container);
        go(container);
        CgroupSandbox.pause(RUN_MILLIS);
        stop(container);

        Reading reading = read(container).since(before);
        Truth expected = Truth.ofProc(container).since(truth);
        assertThat(reading.switches()).isEqualTo(expected.switches());
        assertThat(reading.samples()).isEqualTo(expected.switches() - 1);
        assertThat(reading.waitNanos()).isPositive().isLessThanOrEqualTo(expected.waitNanos());
    }

    @Test
    void aContainerThatLivesFiftyMillisecondsIsCounted() throws Exception {
        Path container = sandbox.container();
        long switches = Load.run(container, 40);
        Files.delete(container);

        Slot slot = slot(container);

        assertThat(slot.state()).isEqualTo(ContainerSlots.State.ENDED);
        assertThat(slot.endedBootNanos() - slot.bornBootNanos()).isPositive().isLessThan(1_000_000_000L);
        assertThat(switches).isGreaterThanOrEqualTo(40);
        CgroupSandbox.pause(20);
        assertThat(Reading.of(collector, slot.index()).switches()).isCloseTo(switches, within(1L));
    }

    @Test
    void twoHundredContainersComeAndGoWithoutLossAndWithoutLeak() throws Exception {
        int before = slots.used();
        List<Path> containers = new ArrayList<>();
        List<Long> truths = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Path container = sandbox.container();
            truths.add(Load.run(container, 5 + i % 7));
            Files.delete(container);
            containers.add(container);
        }
        CgroupSandbox.pause(300);

        for (int i = 0; i < containers.size(); i++) {
            Slot slot = slot(containers.get(i));
            assertThat(Reading.of(collector, slot.index()).switches())
                    .as("container %d", i)
                    .isCloseTo(truths.get(i), within(1L));
            assertThat(slots.release(slot)).isTrue();
            assertThat(Reading.of(collector, slot.index()).values()).containsOnly(0);
        }
        assertThat(slots.used()).isEqualTo(before);
        assertThat(slots.overflowed()).isZero();
        assertThat(slots.errors()).isZero();
        assertThat(collector.lostRuns()).isZero();
    }

    @Test
    void aThirdContainerOfTwoIsCountedInTheOverflow() throws Exception {
        collector.close();
        slots.close();
        slots = RealKernel.open(RealKernel.foreignContainers() + 2, hashed);
        collector = collector(slots);
        Path first = sandbox.container();
        Path second = sandbox.container();
        Path third = sandbox.container();

        long firstSwitches = Load.run(first, 10);
        long secondSwitches = Load.run(second, 20);
        long thirdSwitches = Load.run(third, 40);
        CgroupSandbox.pause(20);

        assertThat(slots.overflowed()).isEqualTo(1);
        assertThat(read(first).switches()).isCloseTo(firstSwitches, within(1L));
        assertThat(read(second).switches()).isCloseTo(secondSwitches, within(1L));
        assertThat(Reading.of(collector, 0).switches()).isCloseTo(thirdSwitches, within(1L));
        assertThat(sandbox.slot(slots, third)).isEmpty();

        Slot released = slot(first);
        Files.delete(first);
        CgroupSandbox.pause(250);
        assertThat(slots.release(slot(first))).isTrue();
        slots.rewalk();
        assertThat(slot(third).index()).as("the third gets the first free slot").isEqualTo(released.index());
        assertThat(slot(third).generation()).isEqualTo(released.generation() + 1);
        long more = Load.run(third, 10);
        CgroupSandbox.pause(20);
        assertThat(read(third).switches()).as("a slot starts from zero").isCloseTo(more, within(1L));
        assertThat(slots.overflowed()).isEqualTo(1);
    }

    @Test
    void aReadingHoldsTheCataloguesMetricsInItsOrder() {
        assertThat(collector.metrics()).isEqualTo(Catalogue.ofCollector("cpu"));
        assertThat(collector.width())
                .isEqualTo(collector.metrics().stream()
                        .mapToInt(metric -> metric.type().width()
                                * Math.max(1, metric.labelValues().size()))
                        .sum());
    }

    @Test
    void theKernelsHistogramIsTheFlatFormLongForLong() {
        assertThat(KpodHistogram.SIZE).isEqualTo(Histogram.WIDTH * Long.BYTES);
        assertThat(KpodHistogram.SUM_NS_OFFSET).isEqualTo(Histogram.SUM_NANOS * Long.BYTES);
        assertThat(KpodHistogram.ZERO_OFFSET).isEqualTo(Histogram.ZERO_COUNT * Long.BYTES);
        assertThat(KpodHistogram.BUCKETS_OFFSET).isEqualTo(Histogram.FIRST_BUCKET * Long.BYTES);
    }

    private interface Wanted {
        boolean test(Change change) throws Exception;
    }

    /** What happened to a container in a while: measured, and by /proc. */
    private record Change(Reading reading, Truth truth) {
        Change since(Change before) {
            return new Change(reading.since(before.reading), truth.since(before.truth));
        }
    }

    /** Lets the groups run for a while; both readings are taken while they stand still. */
    private List<Change> observe(Path... groups) throws Exception {
        return observe(change -> true, groups);
    }

    /**
     * The same until the first group's change is as wanted, or patience is at its end: other programs may keep the CPU
     * busy.
     */
    private List<Change> observe(Wanted wanted, Path... groups) throws Exception {
        CgroupSandbox.pause(300);
        stop(groups);
        List<Change> before = now(groups);
        List<Change> changes = List.of();
        for (int round = 0; round < PATIENCE_ROUNDS && (round == 0 || !wanted.test(changes.getFirst())); round++) {
            go(groups);
            CgroupSandbox.pause(RUN_MILLIS);
            stop(groups);
            List<Change> after = now(groups);
            changes = IntStream.range(0, groups.length)
                    .mapToObj(i -> after.get(i).since(before.get(i)))
                    .toList();
        }
        return changes;
    }

    private List<Change> now(Path... groups) throws Exception {
        List<Change> now = new ArrayList<>();
        for (Path group : groups) {
            now.add(new Change(read(group), Truth.ofProc(group)));
        }
        return now;
    }

    private static void agrees(Change change) {
        assertThat(change.truth().switches()).isPositive();
        Accuracy.record(
                "kpod.cpu.context.switches",
                "/proc/PID/status",
                change.truth().switches(),
                change.reading().switches());
        Accuracy.record(
                "kpod.cpu.runqueue.latency",
                "/proc/PID/schedstat",
                change.truth().waitNanos(),
                change.reading().waitNanos());
        Accuracy.record(
                "kpod.cpu.preemptions",
                "/proc/PID/status",
                change.truth().nonvoluntary(),
                change.reading().preemptions());
        assertThat(change.reading().switches())
                .as("context switches")
                .isEqualTo(change.truth().switches());
        assertThat(change.reading().samples())
                .as("a wait a switch")
                .isEqualTo(change.truth().switches());
        assertThat(change.reading().waitNanos())
                .as("run-queue wait")
                .isCloseTo(change.truth().waitNanos(), Percentage.withPercentage(1));
        assertThat(change.reading().preemptions())
                .as("preemptions")
                .isEqualTo(change.truth().nonvoluntary());
    }

    /** Slots, or slot 0 and a group of the host. */
    private record Pair(int victim, int offender, long group) {}

    /** All that was counted so far. */
    private Map<Pair, Long> pairs() {
        collector.refresh();
        collector.showPairs(new PairVisitor() {
            @Override
            public void bySlot(int victim, int offender, long times) {
                pairs.merge(new Pair(victim, offender, 0), times, Long::sum);
            }

            @Override
            public void byGroup(int victim, long cgroupId, long times) {
                pairs.merge(new Pair(victim, 0, cgroupId), times, Long::sum);
            }
        });
        return pairs;
    }

    private long times(Path victim, Path offender) throws Exception {
        return times(victim, slot(offender).index());
    }

    private long times(Path victim, int offender) throws Exception {
        return pairs().getOrDefault(new Pair(slot(victim).index(), offender, 0), 0L);
    }

    /** All containers that took the CPU from it since its birth are named, and all groups of the host but the root. */
    private void pairsTellOfAll(Path victim) throws Exception {
        int index = slot(victim).index();
        Reading reading = read(victim);
        long containers = 0;
        long host = 0;
        for (Map.Entry<Pair, Long> entry : pairs().entrySet()) {
            if (entry.getKey().victim() == index) {
                containers += entry.getKey().group() == 0 ? entry.getValue() : 0;
                host += entry.getKey().group() == 0 ? 0 : entry.getValue();
            }
        }
        assertThat(containers).isEqualTo(reading.preemptedByContainer());
        assertThat(host).isLessThanOrEqualTo(reading.preemptedByHost());
    }

    private static long id(Path group) throws Exception {
        return (long) Files.getAttribute(group, "unix:ino");
    }

    private static void stop(Path... groups) throws Exception {
        for (Path group : groups) {
            CgroupSandbox.freeze(group);
        }
    }

    private static void go(Path... groups) throws Exception {
        for (Path group : groups) {
            CgroupSandbox.thaw(group);
        }
    }

    private Reading read(Path group) throws Exception {
        return Reading.of(collector, slot(group).index());
    }

    private Slot slot(Path group) throws Exception {
        return sandbox.slot(slots, group).orElseThrow(() -> new AssertionError("no slot of " + group));
    }

    private static CpuCollector collector(ContainerSlots slots) {
        Collector opened = CpuCollector.open(slots, RealKernel.btf());
        assertThat(opened.state()).isInstanceOf(CollectorState.Running.class);
        return (CpuCollector) opened;
    }
}
