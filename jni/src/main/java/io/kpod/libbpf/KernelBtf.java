package io.kpod.libbpf;

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
        if (handle == 0) {
            throw new IllegalStateException("the kernel's BTF is closed");
        }
        return Native.btfHasMember(handle, type, member);
    }

    @Override
    public synchronized void close() {
        if (handle != 0) {
            Native.btfFree(handle);
            handle = 0;
        }
    }
}
