package io.kpod.libbpf;

/** A program of a {@link BpfObject}, which owns it. */
public final class BpfProgram {
    private final BpfObject object;
    private final String name;
    private final long handle;

    BpfProgram(BpfObject object, String name, long handle) {
        this.object = object;
        this.name = name;
        this.handle = handle;
    }

    /** What the kernel counted for a program while {@code kernel.bpf_stats_enabled} was on; else zeros. */
    public record Statistics(long runs, long runNanos) {}

    /** Attaches to what the program's section names, until the object is closed. */
    public void attach() throws BpfException {
        synchronized (object) {
            object.ensureOpen();
            Native.takeLog();
            long link = Native.programAttach(handle);
            if (link < 0) {
                throw object.failure("attach " + name, link);
            }
            object.attached(name, link);
        }
    }

    /**
     * Attaches a perf event program to the major page faults of all tasks on one CPU, until the object is closed.
     *
     * @throws BpfException ENODEV when the CPU is offline; EACCES when the kernel refuses perf events
     */
    public void attachMajorPageFaults(int cpu) throws BpfException {
        synchronized (object) {
            object.ensureOpen();
            Native.takeLog();
            long link = Native.programAttachMajorFaults(handle, cpu);
            if (link < 0) {
                throw object.failure("attach " + name + " to the page faults of CPU " + cpu, link);
            }
            object.attached(name, link);
        }
    }

    /**
     * Attaches a program of a cgroup's events to a cgroup and all below it, until the object is closed.
     *
     * @throws BpfException EPERM when the process lacks NET_ADMIN
     */
    public void attachCgroup(DirectoryDescriptor cgroup) throws BpfException {
        synchronized (object) {
            object.ensureOpen();
            Native.takeLog();
            long link = Native.programAttachCgroup(handle, cgroup.number());
            if (link < 0) {
                throw object.failure("attach " + name, link);
            }
            object.attached(name, link);
        }
    }

    /** Whether events run it. */
    public boolean isAttached() {
        synchronized (object) {
            object.ensureOpen();
            return object.isAttached(name);
        }
    }

    /** Events run it no longer; what it counted stays. */
    public void detach() {
        synchronized (object) {
            object.ensureOpen();
            object.detach(name);
        }
    }

    /** Asks the kernel; one system call. */
    public Statistics statistics() throws BpfException {
        synchronized (object) {
            object.ensureOpen();
            long[] values = new long[2];
            int result = Native.programStatistics(handle, values);
            if (result < 0) {
                throw object.failure("statistics of " + name, result);
            }
            return new Statistics(values[0], values[1]);
        }
    }

    /** Runs a raw tracepoint's program once with {@code argument} as the event's first; what it returned. */
    public long run(long argument) throws BpfException {
        synchronized (object) {
            object.ensureOpen();
            long result = Native.programRun(handle, argument);
            if (result < 0) {
                throw object.failure("run " + name, result);
            }
            return result;
        }
    }

    /** The program's name in its object. */
    public String name() {
        return name;
    }
}
