package io.kpod.summary.wire;

/**
 * What a reader takes from one summary.
 *
 * @param maxStringLength of every name and label value, in chars
 */
public record SummaryLimits(
        int maxContainers, int maxStrings, int maxStringLength, int maxSeriesPerContainer, int maxCollectors) {
    /** A node of 250 pods with room to spare; names as long as Kubernetes lets them be, mount points longer. */
    public static final SummaryLimits DEFAULT = new SummaryLimits(4096, 8192, 512, 1024, 64);
}
