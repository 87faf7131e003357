package io.kpod.agent.collector;

/** Takes what happened between two, one call a pair: who took the CPU from whom. */
public interface PairVisitor {
    /** A container took it from another; slot 0 stands for the containers that found no slot. */
    void bySlot(int victim, int offender, long times);

    /** A group of the host took it. */
    void byGroup(int victim, long cgroupId, long times);
}
