package io.kpod.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.agent.kernel.ContainerSlots.Slot;
import io.kpod.agent.kernel.ContainerSlots.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WalkedContainersTest {
    private CgroupSandbox sandbox;

    @BeforeEach
    void open() throws IOException {
        RealKernel.require();
        sandbox = new CgroupSandbox();
    }

    @AfterEach
    void close() throws IOException {
        sandbox.close();
    }

    /** Of the sandbox alone, as if there were nothing else. */
    private WalkedContainers open(int maxContainers) throws IOException {
        return WalkedContainers.open(new KernelSettings(maxContainers, sandbox.outside(), false, Path.of("")));
    }

    private Optional<Slot> slot(Containers containers, Path group) throws IOException {
        String path = "/" + sandbox.outside().relativize(group);
        List<Slot> found = new ArrayList<>();
        containers.scan(slot -> {
            if (slot.path().equals(path)) {
                found.add(slot);
            }
        });
        assertThat(found).hasSizeLessThan(2);
        return found.stream().findFirst();
    }

    @Test
    void containersThatWereThereAndThatCameLaterHaveASlotAndNestedGroupsNone() throws Exception {
        Path before = sandbox.container();
        WalkedContainers containers = open(500);
        Path after = sandbox.container();
        Path nested = Files.createDirectory(after.resolve("nested"));
        containers.rewalk();

        Slot old = slot(containers, before).orElseThrow();
        Slot young = slot(containers, after).orElseThrow();
        assertThat(old.seenBorn()).isFalse();
        assertThat(young.seenBorn()).isTrue();
        assertThat(old.index()).isNotEqualTo(young.index()).isPositive();
        assertThat(slot(containers, nested)).isEmpty();
        assertThat(containers.used()).isEqualTo(2);
    }

    @Test
    void anEndedContainerKeepsItsSlotUntilItIsReleased() throws Exception {
        WalkedContainers containers = open(500);
        Path group = sandbox.container();
        containers.rewalk();
        int used = containers.used();
        Slot live = slot(containers, group).orElseThrow();
        assertThat(containers.release(live)).as("it lives").isFalse();

        Files.delete(group);
        containers.rewalk();
        Slot ended = slot(containers, group).orElseThrow();

        assertThat(ended.state()).isEqualTo(State.ENDED);
        assertThat(ended.generation()).isEqualTo(live.generation());
        assertThat(ended.endedBootNanos()).isGreaterThan(ended.bornBootNanos());
        assertThat(containers.release(ended)).isTrue();
        assertThat(containers.release(ended)).isFalse();
        assertThat(containers.used()).isEqualTo(used - 1);
        assertThat(slot(containers, group)).isEmpty();
    }

    @Test
    void birthsAreFoundByReadingAlone() throws Exception {
        WalkedContainers containers = open(500);
        Path group = sandbox.container();
        CgroupSandbox.pause(1_050);
        assertThat(slot(containers, group)).isPresent();
    }

    @Test
    void moreContainersThanSlotsAreCountedOnceAndGetOneWhenItIsFree() throws Exception {
        WalkedContainers containers = open(1);
        Path first = sandbox.container();
        containers.rewalk();
        Path second = sandbox.container();
        containers.rewalk();
        containers.rewalk();

        assertThat(slot(containers, first)).isPresent();
        assertThat(slot(containers, second)).isEmpty();
        assertThat(containers.overflowed()).isEqualTo(1);

        Files.delete(first);
        containers.rewalk();
        assertThat(containers.release(slot(containers, first).orElseThrow())).isTrue();
        containers.rewalk();
        assertThat(slot(containers, second)).isPresent();
        assertThat(containers.overflowed()).isEqualTo(1);
    }

    @Test
    void whatIsSeenIsTheSameAsTheKernelsProgramsSee() throws Exception {
        for (int i = 0; i < 5; i++) {
            Files.createDirectory(sandbox.container().resolve("nested"));
        }
        String mine = sandbox.inHierarchy(sandbox.outside());
        List<String> walked = new ArrayList<>();
        List<String> byKernel = new ArrayList<>();
        WalkedContainers containers = WalkedContainers.open(RealKernel.settings(500));
        containers.scan(slot -> walked.add(slot.path()));
        try (ContainerSlots slots = ContainerSlots.open(RealKernel.settings(500))) {
            slots.scan(slot -> byKernel.add(slot.path()));
        }
        walked.removeIf(path -> !path.startsWith(mine));
        byKernel.removeIf(path -> !path.startsWith(mine));
        assertThat(walked).hasSize(5).containsExactlyInAnyOrderElementsOf(byKernel);
    }
}
