package io.kpod.agent.collector.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kpod.agent.AgentSettings;
import io.kpod.bpf.layout.KpodSyscallMark;
import io.kpod.bpf.layout.KpodSyscallNumber;
import io.kpod.configuration.ConfigurationException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrackedSyscallsTest {
    private static final SyscallTable X86_64 = SyscallTable.of("x86_64").orElseThrow();
    private static final SyscallTable AARCH64 = SyscallTable.of("aarch64").orElseThrow();

    @Test
    void numbersAreThoseOfTheArchitecturesAbi() {
        assertThat(X86_64.numbers())
                .containsAllEntriesOf(Map.of("read", 0, "close", 3, "futex", 202, "epoll_wait", 232, "clone3", 435));
        assertThat(X86_64.compat())
                .containsAllEntriesOf(Map.of("read", 3, "close", 6, "futex", 240, "socketcall", 102));
        assertThat(AARCH64.numbers())
                .containsAllEntriesOf(Map.of("read", 63, "openat", 56, "futex", 98, "accept4", 242, "fcntl", 25));
        assertThat(AARCH64.numbers()).doesNotContainKeys("epoll_wait", "open", "fork");
        assertThat(AARCH64.compat()).isEmpty();
        assertThat(SyscallTable.of("s390x")).isEmpty();
    }

    @Test
    void whatAnArchitectureLacksIsSaidAndTheRestIsTracked() {
        TrackedSyscalls tracked = TrackedSyscalls.of(AARCH64, List.of("read", "epoll_wait", "read", "epoll_pwait"));

        assertThat(tracked.names()).containsExactly("read", "epoll_pwait");
        assertThat(tracked.lacking()).containsExactly("epoll_wait");
    }

    @Test
    void aNumberIsMarkedForEntryReturnAndThirtyTwoBitPrograms() {
        TrackedSyscalls tracked = TrackedSyscalls.of(X86_64, List.of("read", "exit_group", "clone", "execveat"));

        assertThat(marks(tracked, 0)).as("read").containsExactly(1, 1, 0, 0);
        assertThat(marks(tracked, 3)).as("read of 32 bits").containsExactly(0, 0, 1, 1);
        assertThat(marks(tracked, 231)).as("exit_group").containsExactly(2 | KpodSyscallMark.SYSCALL_ENDLESS, 0, 0, 0);
        assertThat(marks(tracked, 56)).as("clone").containsExactly(3, 3 | KpodSyscallMark.SYSCALL_BY_ENTRY, 0, 0);
        assertThat(marks(tracked, 322)).as("execveat").containsExactly(4, 4, 0, 0);
        assertThat(marks(tracked, 59)).as("execve").containsExactly(0, KpodSyscallMark.SYSCALL_BY_ENTRY, 0, 0);
    }

    @Test
    void anUnknownNameStopsTheStartWithOneLine() {
        assertThatThrownBy(() -> AgentSettings.load(
                        List.of("--kpod.syscall.tracked-syscalls=read,reed,openat", "--kpod.discovery.mode=none"),
                        Map.of()))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.mistakes())
                                .containsExactly(
                                        "kpod.syscall.tracked-syscalls: \"reed\" is not the name of a system call of x86_64 or "
                                                + "aarch64, such as read, openat or newfstatat: strace shows them"));
    }

    @Test
    void theNamesOfEveryArchitectureMayBeConfigured() throws ConfigurationException {
        AgentSettings settings = AgentSettings.load(
                List.of("--kpod.syscall.tracked-syscalls=epoll_wait,epoll_pwait,socketcall"), Map.of());

        assertThat(settings.trackedSyscalls()).containsExactly("epoll_wait", "epoll_pwait", "socketcall");
    }

    @Test
    void moreThanThirtyTwoStopTheStart() {
        List<String> names =
                X86_64.numbers().keySet().stream().sorted().limit(33).toList();

        assertThat(SyscallFamily.mistakes(names.subList(0, 32))).isEmpty();
        assertThat(SyscallFamily.mistakes(names))
                .singleElement()
                .asString()
                .contains("33")
                .contains("32");
    }

    /** Entered, returned, and the same of 32-bit programs. */
    private static List<Integer> marks(TrackedSyscalls tracked, int number) {
        MemorySegment numbers = MemorySegment.ofArray(tracked.numbers());
        long offset = (long) number * KpodSyscallNumber.SIZE;
        return IntStream.of(
                        KpodSyscallNumber.entered(numbers, offset),
                        KpodSyscallNumber.returned(numbers, offset),
                        KpodSyscallNumber.compatEntered(numbers, offset),
                        KpodSyscallNumber.compatReturned(numbers, offset))
                .mapToObj(mark -> mark & 0xff)
                .toList();
    }
}
