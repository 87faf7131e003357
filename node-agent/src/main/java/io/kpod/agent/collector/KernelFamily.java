package io.kpod.agent.collector;

import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfObject;
import io.kpod.libbpf.KernelBtf;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;

/**
 * What is particular to a family of kernel programs: bpf/OBJECT.bpf.c, whose array {@code OBJECT} has a struct a slot.
 * {@link KernelCollector} does the rest. For one collector.
 */
public interface KernelFamily {
    /** The collector's name in catalogue and configuration. */
    String name();

    /** Name of the BPF object, and of its array. */
    default String object() {
        return name().replace('-', '_');
    }

    /** Bytes of the array's struct. */
    int structSize();

    /** Where the struct's members begin: {@code FIELDS} of the generated layout. */
    Map<String, Integer> fields();

    /**
     * The values of the only label that all the family's metrics have, where the array holds a struct for each of them: that
     * of slot s and value v at s times their number + v. None: a slot has one struct, and the catalogue the labels.
     */
    default List<String> labelValues() {
        return List.of();
    }

    /**
     * Chooses among the object's programs by what the kernel has: leaves out those for other kernels, sets constants and
     * the sizes of maps. Nothing is loaded yet.
     *
     * @return the hooks in use, for people
     * @throws UnsupportedKernelException with the reason, if this kernel can't serve the family
     */
    String choose(BpfObject object, KernelBtf btf, boolean hashed) throws BpfException, UnsupportedKernelException;

    /** Attaches the programs, once they are loaded. */
    default void attach(BpfObject object) throws BpfException {
        object.attach();
    }

    /** Has the kernel bring the array up to date, where events alone don't; called before each reading, by one thread at a time. */
    default void refresh() throws BpfException {}

    /** The maps whose filling tells of something. */
    default List<MapUse> maps(BpfObject object, Arena arena) throws BpfException {
        return List.of();
    }
}
