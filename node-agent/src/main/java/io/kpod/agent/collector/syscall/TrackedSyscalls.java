package io.kpod.agent.collector.syscall;

import io.kpod.bpf.layout.KpodSyscall;
import io.kpod.bpf.layout.KpodSyscallMark;
import io.kpod.bpf.layout.KpodSyscallNumber;
import io.kpod.bpf.layout.KpodSyscallNumbers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which system calls are told apart on an architecture.
 *
 * @param names those that it has, in the order of a slot's structs
 * @param lacking those that only other architectures have
 */
record TrackedSyscalls(SyscallTable table, List<String> names, List<String> lacking) {
    /** More of them would cost more kernel memory than all other families together, and marks have no room for more than 63. */
    static final int MOST = 32;

    private static final Set<String> ENDLESS = Set.of("exit", "exit_group");

    private static final String EXECVE = "execve";

    /** A new task returns from its parent's call, and whatever began an exec, execve is what returns. */
    private static final Set<String> TOLD_BY_ENTRY = Set.of("clone", "clone3", "fork", "vfork", EXECVE);

    TrackedSyscalls {
        names = List.copyOf(names);
        lacking = List.copyOf(lacking);
    }

    /** Of these names, which some architecture has. */
    static TrackedSyscalls of(SyscallTable table, List<String> names) {
        Map<Boolean, List<String>> had = names.stream().distinct().collect(Collectors.partitioningBy(table::has));
        return new TrackedSyscalls(table, had.getOrDefault(true, List.of()), had.getOrDefault(false, List.of()));
    }

    /**
     * What is wrong with a list of names, one line a mistake; nothing for one that may be tracked. Whether this machine's
     * architecture has them all is no matter: one configuration serves many.
     */
    static List<String> mistakes(List<String> names) {
        List<SyscallTable> tables = SyscallTable.ARCHITECTURES.stream()
                .map(SyscallTable::of)
                .flatMap(java.util.Optional::stream)
                .toList();
        List<String> found = new ArrayList<>();
        for (String name : names) {
            if (tables.stream().noneMatch(table -> table.has(name))) {
                found.add("\"" + name + "\" is not the name of a system call of "
                        + String.join(" or ", SyscallTable.ARCHITECTURES)
                        + ", such as read, openat or newfstatat: strace shows them");
            }
        }
        long different = names.stream().distinct().count();
        if (different > MOST) {
            found.add(different + " system calls are more than the " + MOST + " that can be told apart: each takes "
                    + KpodSyscall.SIZE + " bytes of kernel memory for each of kpod.bpf.max-containers");
        }
        return found;
    }

    /** {@code struct kpod_syscall_numbers}: what each number means to the kernel programs. */
    byte[] numbers() {
        byte[] bytes = new byte[KpodSyscallNumbers.SIZE];
        MemorySegment numbers = MemorySegment.ofArray(bytes);
        for (int i = 0; i < names.size(); i++) {
            mark(numbers, names.get(i), i + 1);
        }
        if (names.contains("execveat") && !names.contains(EXECVE)) {
            at(table.numbers(), EXECVE, offset -> KpodSyscallNumber.returned(numbers, offset, byEntry(0)));
            at(table.compat(), EXECVE, offset -> KpodSyscallNumber.compatReturned(numbers, offset, byEntry(0)));
        }
        return bytes;
    }

    private void mark(MemorySegment numbers, String name, int place) {
        boolean endless = ENDLESS.contains(name);
        byte entered = (byte) (endless ? place | KpodSyscallMark.SYSCALL_ENDLESS : place);
        byte returned = endless ? 0 : TOLD_BY_ENTRY.contains(name) ? byEntry(place) : (byte) place;
        at(table.numbers(), name, offset -> {
            KpodSyscallNumber.entered(numbers, offset, entered);
            KpodSyscallNumber.returned(numbers, offset, returned);
        });
        at(table.compat(), name, offset -> {
            KpodSyscallNumber.compatEntered(numbers, offset, entered);
            KpodSyscallNumber.compatReturned(numbers, offset, returned);
        });
    }

    private static void at(Map<String, Integer> numbers, String name, java.util.function.LongConsumer mark) {
        Integer number = numbers.get(name);
        if (number != null) {
            if (number >= KpodSyscallNumbers.OF_LENGTH) {
                throw new IllegalStateException(
                        name + " has number " + number + ", beyond SYSCALL_NUMBERS of syscall.bpf.c");
            }
            mark.accept((long) number * KpodSyscallNumber.SIZE);
        }
    }

    private static byte byEntry(int place) {
        return (byte) (place | KpodSyscallMark.SYSCALL_BY_ENTRY);
    }
}
