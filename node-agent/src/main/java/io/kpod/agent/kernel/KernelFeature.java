package io.kpod.agent.kernel;

import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.Kernel;
import io.kpod.libbpf.KernelBtf;

/** Whether the running kernel has something. Found out by its BTF and by trying, never by its version. */
public sealed interface KernelFeature {
    /** It is there. */
    record Supported() implements KernelFeature {}

    /** @param reason what is missing, on one line */
    record Unsupported(String reason) implements KernelFeature {}

    /**
     * Storage with cgroups and tasks (6.2), allocated so that it may happen under a run queue's lock: before 6.4 it
     * called the page allocator, which may wake a task and so want that very lock.
     */
    static KernelFeature localStorage(KernelBtf btf) throws BpfException {
        if (!Kernel.hasMapType(Kernel.MAP_TYPE_CGROUP_STORAGE)) {
            return new Unsupported("no cgroup storage (since Linux 6.2)");
        }
        if (!Kernel.hasMapType(Kernel.MAP_TYPE_TASK_STORAGE)) {
            return new Unsupported("no task storage (since Linux 5.11)");
        }
        boolean ownAllocator = btf.hasMember("bpf_local_storage_map", "selem_ma")
                || btf.hasMember("bpf_local_storage_map", "use_kmalloc_nolock");
        return ownAllocator
                ? new Supported()
                : new Unsupported("local storage allocates through the page allocator (until Linux 6.4)");
    }

    /** {@code task_struct.sched_info.run_delay}: the sum of a task's waits for a CPU. */
    static KernelFeature runDelay(KernelBtf btf) {
        return btf.hasMember("sched_info", "run_delay") && btf.hasMember("task_struct", "sched_info")
                ? new Supported()
                : new Unsupported("the kernel keeps no task_struct.sched_info.run_delay: it needs CONFIG_SCHED_INFO");
    }

    /** Programs before and after the kernel's functions; that one stands for all. Lockdown refuses them. */
    static KernelFeature tracing(String function) {
        try {
            Kernel.tryTracing(function);
            return new Supported();
        } catch (BpfException e) {
            return new Unsupported(String.valueOf(e.getMessage()));
        }
    }
}
