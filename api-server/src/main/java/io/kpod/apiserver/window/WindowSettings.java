package io.kpod.apiserver.window;

import io.kpod.summary.wire.SummaryLimits;
import java.time.Duration;

/**
 * How much is kept.
 *
 * @param retention how long an increment is kept; the longest window that can be asked for
 * @param fine how long increments are kept push by push
 * @param coarse how much time older increments are merged into
 * @param limits of one summary
 * @param maxContainersPerNode containers of a node at once, the ended ones of the retention among them
 * @param maxSeriesPerNode series of a node's containers, a distribution counting for {@value SeriesBudget#OF_A_DISTRIBUTION}; what is beyond it is not kept
 * @param maxBytesPerNode encoded increments of a node; beyond it the oldest go
 * @param maxBytes encoded increments of all nodes; beyond it agents are asked for a slower pace
 */
public record WindowSettings(
        Duration retention,
        Duration fine,
        Duration coarse,
        SummaryLimits limits,
        int maxContainersPerNode,
        int maxSeriesPerNode,
        long maxBytesPerNode,
        long maxBytes) {
    /** A silent node's data is not served any more from this age on, or from three push intervals if that is later. */
    public static final Duration STALE_AFTER = Duration.ofSeconds(20);

    /** As long as the window that is asked for unless told: that one is made of pushes alone. */
    private static final Duration FINE = Duration.ofMinutes(1);

    /** The settings for a retention, everything else as it is by default. */
    public static WindowSettings retaining(Duration retention) {
        return new WindowSettings(
                retention,
                FINE,
                Duration.ofSeconds(30),
                SummaryLimits.DEFAULT,
                8192,
                262_144,
                16L << 20,
                Math.max(64L << 20, Runtime.getRuntime().maxMemory() / 2));
    }
}
