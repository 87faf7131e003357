package io.kpod.agent.collector.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.ContainerSlots.Slot;
import io.kpod.agent.kernel.RealKernel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The collector beside what /proc says of the same tasks, which are stopped while both are read. */
class CpuCollectorTest {
    /** Loads share this CPU, so that they wait for each other. */
    private static final int CPU = Runtime.getRuntime().availableProcessors() - 1;

    private static final String PINNED = "taskset -pc " + CPU + " $$ >/dev/null; ";
    private static final String SPIN = PINNED + "while :; do :; done";

    /** Two tasks that wake each other through pipes: voluntary switches, a shell's speed. */
    private static final String PING_PONG = PINNED
            + "coproc cat; while :; do echo x >&${COPROC[1]}; read -r line <&${COPROC[0]}; done";

    private ContainerSlots slots;
    private CpuCollector collector;
    private CgroupSandbox sandbox;

    @BeforeEach
    void open() throws Exception {
        RealKernel.require();
        sandbox = new CgroupSandbox();
        slots = ContainerSlots.open(RealKernel.settings(64));
        var opened = CpuCollector.open(slots);
        assertThat(opened.state()).isInstanceOf(CollectorState.Running.class);
        collector = (CpuCollector) opened;
    }

    @AfterEach
    void close() throws Exception {
        if (sandbox != null) {
            sandbox.close();
        }
        if (collector != null) {
            collector.close();
        }
        if (slots != null) {
            slots.close();
        }
    }

    @Test
    void twoContainersThatLoadEachOtherAreToldApartExactly() throws Exception {
        Path talker = sandbox.container();
        Path spinner = sandbox.container();
        sandbox.run(talker, PING_PONG);
        sandbox.run(spinner, SPIN);
        CgroupSandbox.pause(300);
        CgroupSandbox.freeze(talker);
        CgroupSandbox.freeze(spinner);
        Truth talkerTruth = Truth.ofProc(talker);
        Truth spinnerTruth = Truth.ofProc(spinner);
        Reading talkerReading = read(talker);
        Reading spinnerReading = read(spinner);

        CgroupSandbox.thaw(talker);
        CgroupSandbox.thaw(spinner);
        CgroupSandbox.pause(2_000);
        CgroupSandbox.freeze(talker);
        CgroupSandbox.freeze(spinner);

        Truth expectedTalker = Truth.ofProc(talker).since(talkerTruth);
        Truth expectedSpinner = Truth.ofProc(spinner).since(spinnerTruth);
        Reading talkerNow = read(talker).since(talkerReading);
        Reading spinnerNow = read(spinner).since(spinnerReading);
        System.err.println(expectedTalker + " " + talkerNow.switches() + " " + talkerNow.waitNanos() + " " + talkerNow.preemptions());
        System.err.println(expectedSpinner + " " + spinnerNow.switches() + " " + spinnerNow.waitNanos() + " " + spinnerNow.preemptions() + " c " + spinnerNow.preemptedByContainer());
        agree(talkerNow, expectedTalker);
        agree(spinnerNow, expectedSpinner);
        assertThat(expectedTalker.switches()).as("switches of the two differ enough to be confused").isGreaterThan(2 * expectedSpinner.switches());
        assertThat(spinnerNow.preemptedByContainer()).as("the talker takes the spinner's CPU").isPositive();
    }

    private static void agree(Reading reading, Truth truth) {
        assertThat(reading.switches()).as("context switches").isEqualTo(truth.switches());
        assertThat(reading.samples()).as("a wait a switch").isEqualTo(truth.switches());
        assertThat(reading.waitNanos()).as("run-queue wait").isCloseTo(truth.waitNanos(), Percentage.withPercentage(1));
        assertThat(reading.preemptions()).as("preemptions").isCloseTo(truth.nonvoluntary(), within(0L));
    }

    private Reading read(Path group) throws Exception {
        return Reading.of(collector, slot(group).index());
    }

    private Slot slot(Path group) throws Exception {
        String path = sandbox.inHierarchy(group);
        AtomicReference<Slot> found = new AtomicReference<>();
        slots.scan(slot -> {
            if (slot.path().equals(path)) {
                found.set(slot);
            }
        });
        assertThat(found.get()).as("slot of " + path).isNotNull();
        return found.get();
    }
}
