package io.kpod.agent.collector.oom;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.agent.Accuracy;
import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.ControllerGroups;
import io.kpod.agent.kernel.Load;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.summary.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** OOM kills beside the kernel's own count of them in each container's group. */
@ParameterizedClass(name = "hashed={0}")
@MethodSource("io.kpod.agent.kernel.RealKernel#variants")
class OomFamilyTest {
    private static final long MIB = 1 << 20;

    private final CgroupSandbox sandbox;
    private final ControllerGroups groups;
    private final ContainerSlots slots;
    private final Collector collector;

    OomFamilyTest(boolean hashed) throws Exception {
        RealKernel.require();
        slots = RealKernel.open(RealKernel.foreignContainers() + 300, hashed);
        collector = OomFamily.open(slots, RealKernel.btf());
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
    void aContainerThatTakesMoreThanItsLimitIsKilledAndItsNeighboursAreNot() throws Exception {
        Path greedy = sandbox.container();
        Path modest = sandbox.container();
        groups.limitMemory(greedy, 16 * MIB);
        groups.limitMemory(modest, 64 * MIB);
        take(modest, 8);

        for (int kill = 1; kill <= 3; kill++) {
            take(greedy, 64).waitFor();
        }

        agrees("memory.events of a container killed thrice", greedy, 3);
        agrees("memory.events of its neighbour", modest, 0);
    }

    @Test
    void theVictimCountsNotTheContainerWhoseAllocationBroughtItAbout() throws Exception {
        groups.limitMemory(sandbox.outside(), 64 * MIB);
        Path fat = sandbox.container();
        Path thin = sandbox.container();
        take(fat, 48);
        await().atMost(10, SECONDS).until(() -> used(fat) > 48 * MIB);

        take(thin, 24);
        await().atMost(10, SECONDS).until(() -> groups.oomKills(fat) + groups.oomKills(thin) > 0);

        agrees("memory.events of the victim", fat, 1);
        agrees("memory.events of the allocator", thin, 0);
    }

    @Test
    void aProcessInAGroupBelowTheContainerIsTheContainers() throws Exception {
        Path container = sandbox.container();
        Path nested = Files.createDirectories(container.resolve("init.scope/deeper"));
        if (groups.mixed()) {
            Files.createDirectories(groups.memory(nested));
        }
        groups.limitMemory(container, 16 * MIB);

        sandbox.run(nested, enter(container) + Load.program("memory") + " 64").waitFor();

        assertThat(kills(container)).isEqualTo(1);
        Accuracy.record(Catalogue.MEM_OOM_KILLS.name(), "one kill in a nested group", 1, kills(container));
    }

    /** Version 1 kills no group as a whole. */
    @Test
    @Tag(RealKernel.CGROUP_V2)
    void allProcessesOfAContainerThatIsKilledAsAWholeCount() throws Exception {
        Path container = sandbox.container();
        groups.limitMemory(container, 32 * MIB);
        Files.writeString(groups.memory(container).resolve("memory.oom.group"), "1");
        take(container, 4);
        take(container, 4);
        await().atMost(10, SECONDS).until(() -> used(container) > 8 * MIB);

        take(container, 64).waitFor();

        Accuracy.record(
                Catalogue.MEM_OOM_KILLS.name(), "processes of a container killed as a whole", 3, kills(container));
        assertThat(kills(container)).isEqualTo(3);
        // the kernel counts the process that it chose twice: as such, and as one of the group
        assertThat(groups.oomKills(container)).isBetween(3L, 4L);
    }

    @Test
    void aProcessThatIsKilledOtherwiseIsNoOomKill() throws Exception {
        Path container = sandbox.container();
        Process process = take(container, 4);
        await().atMost(10, SECONDS).until(() -> used(container) > 4 * MIB);
        process.destroyForcibly().waitFor();
        agrees("memory.events of a container killed by SIGKILL", container, 0);
    }

    private Process take(Path container, int mebibytes) throws IOException {
        return sandbox.run(container, enter(container) + Load.program("memory") + " " + mebibytes);
    }

    private String enter(Path container) throws IOException {
        return (groups.mixed() ? groups.join(container) : "") + "exec ";
    }

    private long used(Path container) throws IOException {
        Path directory = groups.memory(container);
        Path v2 = directory.resolve("memory.current");
        return Long.parseLong(Files.readString(Files.exists(v2) ? v2 : directory.resolve("memory.usage_in_bytes"))
                .strip());
    }

    private void agrees(String oracle, Path container, long expected) throws IOException {
        long truth = groups.oomKills(container);
        long measured = kills(container);
        Accuracy.record(Catalogue.MEM_OOM_KILLS.name(), oracle, truth, measured);
        assertThat(truth).as("what the kernel says: %s", oracle).isEqualTo(expected);
        assertThat(measured).as(oracle).isEqualTo(truth);
    }

    private long kills(Path container) throws IOException {
        long[] values = new long[collector.width()];
        collector.read(sandbox.slot(slots, container).orElseThrow().index(), values, 0);
        return values[0];
    }
}
