package io.kpod.apiserver.window;

import io.kpod.summary.MetricType;

/**
 * How many series a node may keep, in all and in one container. Beyond it a series is not kept, so that neither a
 * broken nor a hostile agent can fill the memory with labels; what is not kept is absent. Guarded by the node's lock.
 */
final class SeriesBudget {
    /** So many counters need the memory of a distribution with all its buckets, give or take. */
    static final int OF_A_DISTRIBUTION = 16;

    private final int maxPerContainer;
    private final int maxPerNode;
    private int series;
    private int taken;
    private long refused;

    /** @param maxPerNode a distribution counting for {@link #OF_A_DISTRIBUTION} */
    SeriesBudget(int maxPerContainer, int maxPerNode) {
        this.maxPerContainer = maxPerContainer;
        this.maxPerNode = maxPerNode;
    }

    /** Takes room for one more series of a container that has {@code ofContainer}; false if there is none. */
    boolean take(MetricType type, int ofContainer) {
        if (ofContainer >= maxPerContainer || taken + cost(type) > maxPerNode) {
            refused++;
            return false;
        }
        series++;
        taken += cost(type);
        return true;
    }

    void release(MetricType type) {
        series--;
        taken -= cost(type);
    }

    /** How many series are kept. */
    int series() {
        return series;
    }

    /** How often there was no room. */
    long refused() {
        return refused;
    }

    private static int cost(MetricType type) {
        return type == MetricType.DISTRIBUTION ? OF_A_DISTRIBUTION : 1;
    }
}
