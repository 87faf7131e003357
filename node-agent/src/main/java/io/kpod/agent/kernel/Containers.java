package io.kpod.agent.kernel;

import io.kpod.agent.kernel.ContainerSlots.Slot;
import io.kpod.libbpf.BpfException;
import java.io.IOException;
import java.util.function.Consumer;

/** The containers of this machine, each in a slot from its birth until its last values are read. Thread-safe. */
public interface Containers extends AutoCloseable {
    /** Shows every container that is alive, or has ended and is not released. */
    void scan(Consumer<Slot> visitor);

    /**
     * Gives the slot of a container that has ended back. Read its last values before.
     *
     * @return false: not yet, or it is not this container's slot any more
     */
    boolean release(Slot ended) throws BpfException;

    /** Walks the cgroup tree once more: call it every poll interval. */
    void rewalk() throws BpfException, IOException;

    /**
     * Path of a group that is no container's, from the hierarchy's root; empty: the last walk met none of that id. Asked
     * when programs count by such groups.
     */
    default String pathOfHostGroup(long cgroupId) {
        return "";
    }

    /** How many containers found no free slot since the start. */
    long overflowed();

    /** How many containers can be told apart. */
    int capacity();

    /** How many slots are taken. */
    int used();

    @Override
    void close();
}
