package io.kpod.agent.collector.syscall;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.KernelCollector;
import io.kpod.agent.collector.KernelFamily;
import io.kpod.agent.collector.MapUse;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.bpf.layout.KpodSyscall;
import io.kpod.bpf.layout.KpodSyscallMaps;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.KernelBtf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Counts, errors and time of the tracked system calls of each slot. */
public final class SyscallFamily implements KernelFamily {
    /** What metrics and configuration call it by. */
    public static final String NAME = "syscall";

    private static final List<String> WITH_TYPES = List.of("sys_enter", "sys_exit");
    private static final List<String> RAW = List.of("sys_enter_raw", "sys_exit_raw");

    private final TrackedSyscalls tracked;
    private final boolean typed;

    private SyscallFamily(TrackedSyscalls tracked, boolean typed) {
        this.tracked = tracked;
        this.typed = typed;
    }

    /**
     * The collector; off, with the reason, where the kernel or the rights don't allow it.
     *
     * @param names system calls to tell apart, without {@link #mistakes}
     */
    public static Collector open(List<String> names, ContainerSlots slots, KernelBtf btf) {
        return open(names, slots, btf, btf.hasTracepoint("sys_enter") && btf.hasTracepoint("sys_exit"));
    }

    /** @param typed whether the kernel tells the types of the tracepoints' arguments */
    static Collector open(List<String> names, ContainerSlots slots, KernelBtf btf, boolean typed) {
        Optional<SyscallTable> table = SyscallTable.of(SyscallTable.thisArchitecture());
        if (table.isEmpty()) {
            return Collector.off(
                    NAME,
                    "the numbers of " + SyscallTable.thisArchitecture()
                            + "'s system calls are not known, only those of "
                            + String.join(" and ", SyscallTable.ARCHITECTURES));
        }
        TrackedSyscalls tracked = TrackedSyscalls.of(table.get(), names);
        if (tracked.names().isEmpty()) {
            return Collector.off(
                    NAME,
                    "kpod.syscall.tracked-syscalls names none that "
                            + table.get().architecture() + " has");
        }
        return KernelCollector.open(new SyscallFamily(tracked, typed), slots, btf);
    }

    /** What is wrong with a list of names of system calls, one line a mistake; nothing for a good one. */
    public static List<String> mistakes(List<String> names) {
        return TrackedSyscalls.mistakes(names);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int structSize() {
        return KpodSyscall.SIZE;
    }

    @Override
    public Map<String, Integer> fields() {
        return KpodSyscall.FIELDS;
    }

    @Override
    public List<String> labelValues() {
        return tracked.names();
    }

    @Override
    public String choose(BpfObject object, KernelBtf btf, boolean hashed) throws BpfException {
        for (String program : typed ? RAW : WITH_TYPES) {
            object.leaveOut(program);
        }
        object.constant("tracked", tracked.names().size()).constant("numbers", tracked.numbers());
        return (typed ? "tp_btf" : "raw_tp") + "/sys_enter and sys_exit, by "
                + (hashed ? "hash" : "cgroup and task storage")
                + (tracked.lacking().isEmpty()
                        ? ""
                        : "; " + tracked.table().architecture() + " has no " + String.join(", ", tracked.lacking()));
    }

    @Override
    public List<MapUse> maps(BpfObject object, Arena arena) throws BpfException {
        MemorySegment maps = object.map("syscall_maps").mmap(arena);
        int most = object.map("calls").maxEntries();
        return List.of(new MapUse(
                "calls",
                most == 0 ? MapUse.UNBOUNDED : most,
                () -> KpodSyscallMaps.calls(maps, 0),
                () -> KpodSyscallMaps.callErrors(maps, 0)));
    }
}
