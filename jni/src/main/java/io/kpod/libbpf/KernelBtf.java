package io.kpod.libbpf;

import java.util.Optional;

/** The running kernel's own types, by which a kernel feature is recognised: never by version number. */
public final class KernelBtf implements AutoCloseable {
    private long handle;

    private KernelBtf(long handle) {
        this.handle = handle;
    }

    /** @throws BpfException when the kernel has no BTF (CONFIG_DEBUG_INFO_BTF) */
    public static KernelBtf load() throws BpfException {
        Native.takeLog();
        long handle = Native.kernelBtf();
        if (handle < 0) {
            throw BpfException.of(
                    "read the running kernel's BTF (it needs CONFIG_DEBUG_INFO_BTF=y) at /sys/kernel/btf/vmlinux",
                    handle);
        }
        return new KernelBtf(handle);
    }

    /** Whether the kernel has {@code struct type} with that member. */
    public synchronized boolean hasMember(String type, String member) {
        return Native.btfHasMember(open(), type, member);
    }

    /** Whether tp_btf programs can be attached to a tracepoint of that name. */
    public boolean hasTracepoint(String name) {
        return tracepointArguments(name) >= 0;
    }

    /** How many arguments the tracepoint has; negative: there is none of that name. */
    public synchronized int tracepointArguments(String name) {
        return Native.btfTracepointArguments(open(), name);
    }

    /** Whether the kernel has a function of that name. */
    public synchronized boolean hasFunction(String name) {
        return Native.btfHasFunction(open(), name);
    }

    /**
     * The type of a tracepoint's argument: {@code task_struct} of a {@code struct task_struct *}.
     *
     * @param argument counted from 0
     * @return empty if there is no such tracepoint, or it has no such argument
     */
    public synchronized Optional<String> tracepointArgument(String tracepoint, int argument) {
        return Optional.ofNullable(Native.btfTracepointArgument(open(), tracepoint, argument));
    }

    @Override
    public synchronized void close() {
        if (handle != 0) {
            Native.btfFree(handle);
            handle = 0;
        }
    }

    private long open() {
        if (handle == 0) {
            throw new IllegalStateException("the kernel's BTF is closed");
        }
        return handle;
    }
}
