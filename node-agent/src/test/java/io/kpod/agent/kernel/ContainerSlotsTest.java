package io.kpod.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kpod.agent.kernel.ContainerSlots.Slot;
import io.kpod.agent.kernel.ContainerSlots.State;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "hashed={0}")
@MethodSource("io.kpod.agent.kernel.RealKernel#variants")
class ContainerSlotsTest {
    private final boolean hashed;
    private final CgroupSandbox sandbox;
    private final List<ContainerSlots> opened = new ArrayList<>();

    ContainerSlotsTest(boolean hashed) throws Exception {
        RealKernel.require();
        this.hashed = hashed;
        sandbox = new CgroupSandbox();
    }

    @AfterEach
    void close() throws Exception {
        sandbox.close();
        opened.forEach(ContainerSlots::close);
    }

    @Test
    void containersMadeWhileTheProgramsAttachGetOneSlotEach() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        Callable<List<Path>> maker = () -> {
            List<Path> made = new ArrayList<>();
            while (!stop.get() || made.size() < 50) {
                Path container = sandbox.container();
                made.add(container);
                made.add(Files.createDirectory(container.resolve("nested")));
                if (made.size() >= 1_000) {
                    break;
                }
            }
            return made;
        };
        try (var executor = Executors.newSingleThreadExecutor()) {
            Future<List<Path>> making = executor.submit(maker);
            CgroupSandbox.pause(10);
            ContainerSlots slots = open(1_000);
            CgroupSandbox.pause(20);
            stop.set(true);
            List<Path> made = making.get();
            slots.rewalk();

            for (Path group : made) {
                boolean nested = group.getFileName().toString().equals("nested");
                assertThat(sandbox.slot(slots, group).isPresent())
                        .as("own slot of %s", group)
                        .isEqualTo(!nested);
            }
            assertThat(slots.overflowed()).isZero();
            assertThat(slots.errors()).isZero();
            assertThat(slots.used()).isGreaterThanOrEqualTo(made.size() / 2);
        }
    }

    @Test
    void walksWhileContainersComeAndGoLeaveNoSlotBehind() throws Exception {
        ContainerSlots slots = open(5_000);
        int before = slots.used();
        Callable<Integer> comings = () -> {
            int count = 0;
            for (long end = System.nanoTime() + 1_500_000_000L;
                    (System.nanoTime() < end || count <= 100) && count < 4_000;
                    count++) {
                Path container = sandbox.container();
                Path nested = Files.createDirectory(container.resolve("nested"));
                Files.delete(nested);
                Files.delete(container);
            }
            return count;
        };
        try (var executor = Executors.newSingleThreadExecutor()) {
            Future<Integer> coming = executor.submit(comings);
            while (!coming.isDone()) {
                slots.rewalk();
            }
            assertThat(coming.get()).isGreaterThan(100);
        }

        CgroupSandbox.pause(ContainerSlots.GRACE.toMillis() + 50);
        List<Slot> ended = new ArrayList<>();
        slots.scan(slot -> {
            if (slot.state() == State.ENDED) {
                ended.add(slot);
            }
        });
        for (Slot slot : ended) {
            assertThat(slots.release(slot)).isTrue();
        }
        slots.rewalk();
        assertThat(slots.used()).isEqualTo(before);
        assertThat(slots.overflowed()).isZero();
        assertThat(slots.errors()).isZero();
    }

    @Test
    void aSlotTellsOfBirthAndEnd() throws Exception {
        ContainerSlots slots = open(100);
        Path container = sandbox.container();

        Slot born = slot(slots, container);
        Files.delete(container);
        Slot ended = slot(slots, container);

        assertThat(born.state()).isEqualTo(State.LIVE);
        assertThat(born.endedBootNanos()).isZero();
        assertThat(ended)
                .isEqualTo(new Slot(
                        born.index(),
                        born.generation(),
                        born.cgroupId(),
                        born.path(),
                        State.ENDED,
                        true,
                        born.bornBootNanos(),
                        ended.endedBootNanos()));
        assertThat(ended.endedBootNanos()).isGreaterThan(born.bornBootNanos());
    }

    @Test
    void anEndedSlotIsReleasedOnceAndNotTooEarly() throws Exception {
        ContainerSlots slots = open(100);
        int before = slots.used();
        Path container = sandbox.container();
        assertThat(slots.release(slot(slots, container))).as("it lives").isFalse();
        Files.delete(container);
        Slot ended = slot(slots, container);

        assertThat(slots.release(ended)).as("its last switch may still come").isFalse();
        CgroupSandbox.pause(ContainerSlots.GRACE.toMillis() + 50);
        assertThat(slots.release(ended)).isTrue();
        assertThat(slots.release(ended)).as("not its slot any more").isFalse();
        assertThat(slots.used()).isEqualTo(before);
    }

    @Test
    void aGroupThatIsNoContainerGetsNoSlot() throws Exception {
        ContainerSlots slots = open(100);
        Path container = sandbox.container();
        String id = container.getFileName().toString().replaceAll("cri-containerd-|\\.scope", "");

        for (String name : List.of(
                "crio-conmon-" + id + ".scope",
                "libpod-conmon-" + id + ".scope",
                id.substring(1),
                id + ".slice",
                "some.service")) {
            Path group = Files.createDirectory(sandbox.outside().resolve(name));
            assertThat(sandbox.slot(slots, group)).as(name).isEmpty();
        }
        for (String name : List.of("crio-" + id + ".scope", "docker-" + id + ".scope", "libpod-" + id + ".scope", id)) {
            Path group = Files.createDirectory(sandbox.outside().resolve(name));
            assertThat(sandbox.slot(slots, group)).as(name).isPresent();
        }
    }

    @Test
    void theWalkJudgesNamesAsTheKernelProgramDoes() throws Exception {
        List<Path> groups = new ArrayList<>();
        String id = "0123456789abcdef".repeat(4);
        for (String name : List.of(
                "crio-conmon-" + id + ".scope",
                "crio-" + id + ".scope",
                "docker-" + id,
                "x" + id.toUpperCase(),
                id,
                "unit.service",
                "session-1.scope",
                "user.slice",
                "init.scope")) {
            groups.add(Files.createDirectory(sandbox.outside().resolve(name)));
        }
        ContainerSlots walked = open(true);
        List<Boolean> byWalk = present(walked, groups);
        for (Path group : groups) {
            Files.delete(group);
        }
        CgroupSandbox.pause(20);
        for (Path group : groups) {
            Files.createDirectory(group);
        }
        ContainerSlots attached = walked;
        List<Boolean> byKernel = new ArrayList<>();
        for (Path group : groups) {
            List<Slot> live = new ArrayList<>();
            attached.scan(slot -> {
                if (slot.state() == State.LIVE
                        && slot.path().endsWith("/" + group.getFileName())
                        && group.toString().endsWith(slot.path())) {
                    live.add(slot);
                }
            });
            byKernel.add(!live.isEmpty());
        }

        assertThat(byWalk).containsExactly(false, true, true, false, true, true, true, false, true);
        assertThat(byKernel).isEqualTo(byWalk);
    }

    @Test
    void standAloneTheHostAndUnitsHaveSlotsAndContainersInUnitsTheirOwn() throws Exception {
        Path unit = Files.createDirectory(sandbox.outside().resolve("engine.service"));
        Path before = Files.createDirectory(unit.resolve(sandbox.containerPath().getFileName()));
        ContainerSlots slots = open(true);
        Path after = Files.createDirectory(unit.resolve(sandbox.containerPath().getFileName()));
        Path nestedUnit = Files.createDirectory(unit.resolve("child.service"));

        List<Slot> host = new ArrayList<>();
        slots.scan(slot -> {
            if (slot.path().equals("/")) {
                host.add(slot);
            }
        });
        assertThat(host)
                .singleElement()
                .satisfies(slot -> assertThat(slot.state()).isEqualTo(State.LIVE));
        assertThat(sandbox.slot(slots, unit)).isPresent();
        assertThat(sandbox.slot(slots, before)).isPresent();
        assertThat(sandbox.slot(slots, after)).isPresent();
        assertThat(sandbox.slot(slots, nestedUnit)).as("part of the unit").isEmpty();
    }

    @Test
    void aScanWithoutChangeAllocatesNothing() throws Exception {
        ContainerSlots slots = open(200);
        for (int i = 0; i < 50; i++) {
            sandbox.container();
        }
        long[] count = new long[1];
        for (int i = 0; i < 2_000; i++) {
            slots.scan(slot -> count[0]++);
        }
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1_000; i++) {
            slots.scan(slot -> count[0]++);
        }

        assertThat((threads.getCurrentThreadAllocatedBytes() - before) / 1_000).isLessThan(100);
    }

    @Test
    void usingClosedSlotsIsAnException() throws Exception {
        ContainerSlots slots = open(10);
        slots.close();

        assertThatThrownBy(() -> slots.scan(slot -> {})).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(slots::rewalk).isInstanceOf(IllegalStateException.class);
        slots.close();
    }

    private List<Boolean> present(ContainerSlots slots, List<Path> groups) throws Exception {
        List<Boolean> present = new ArrayList<>();
        for (Path group : groups) {
            present.add(sandbox.slot(slots, group).isPresent());
        }
        return present;
    }

    private ContainerSlots open(int more) throws Exception {
        ContainerSlots slots = RealKernel.open(RealKernel.foreignContainers() + more, hashed);
        opened.add(slots);
        return slots;
    }

    private ContainerSlots open(boolean standAlone) throws Exception {
        ContainerSlots slots = ContainerSlots.open(
                new KernelSettings(500, RealKernel.tree().root(), standAlone, Path.of("")),
                RealKernel.tree(),
                new Programs(Path.of(""), hashed));
        opened.add(slots);
        return slots;
    }

    private Slot slot(ContainerSlots slots, Path group) throws Exception {
        return sandbox.slot(slots, group).orElseThrow(() -> new AssertionError("no slot of " + group));
    }
}
