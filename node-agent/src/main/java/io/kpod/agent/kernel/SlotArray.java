package io.kpod.agent.kernel;

import io.kpod.libbpf.BpfException;

/** What a family keeps by slot; told to forget a slot before it is given to another container. */
@FunctionalInterface
public interface SlotArray {
    /** Sets all that is kept of the slot to zero. Called by the thread that releases the slot. */
    void clear(int slot) throws BpfException;
}
