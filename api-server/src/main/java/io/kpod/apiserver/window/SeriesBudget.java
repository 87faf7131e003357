package io.kpod.apiserver.window;

/**
 * How many series a node may keep, in all and in one container. Beyond it a series is not kept, so that neither a
 * broken nor a hostile agent can fill the memory with labels; what is not kept is absent. Guarded by
 * the node's lock.
 */
final class SeriesBudget {
    private final int maxPerContainer;
    private final int maxPerNode;
    private int taken;
    private long refused;

    SeriesBudget(int maxPerContainer, int maxPerNode) {
        this.maxPerContainer = maxPerContainer;
        this.maxPerNode = maxPerNode;
    }

    /** Takes room for one more series of a container that has {@code ofContainer}; false if there is none. */
    boolean take(int ofContainer) {
        if (ofContainer >= maxPerContainer || taken >= maxPerNode) {
            refused++;
            return false;
        }
        taken++;
        return true;
    }

    void release(int series) {
        taken -= series;
    }

    /** How many series are kept. */
    int taken() {
        return taken;
    }

    /** How often there was no room. */
    long refused() {
        return refused;
    }
}
