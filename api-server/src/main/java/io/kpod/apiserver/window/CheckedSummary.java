package io.kpod.apiserver.window;

import io.kpod.summary.Metric;
import io.kpod.summary.Unit;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.MalformedSummaryException;
import io.kpod.summary.wire.SampleVisitor;
import io.kpod.summary.wire.SummaryLimits;
import io.kpod.summary.wire.SummaryReader;
import io.kpod.summary.wire.SummaryReader.ContainerPart;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * A summary of which every byte has been read once, so that applying it can't fail half-way.
 *
 * @param highestLabel the highest index into the session's strings that it uses
 */
record CheckedSummary(SummaryReader.Parsed parsed, byte[] body, int highestLabel) {
    /**
     * No counter comes near it in a machine's life; up to here sums over all buckets and slots of a retention don't
     * overflow.
     */
    private static final long MAX_COUNT = 1L << 48;

    /** As for counts: 73 years of waiting for increments and totals alike. */
    private static final long MAX_SUM_NANOS = 1L << 61;

    /** A thousand times the largest machine's memory; sums over a cluster stay numbers. */
    private static final double MAX_GAUGE = 1e18;

    /**
     * Reads a body to its end.
     *
     * @param scratch {@link Histogram#WIDTH} longs
     * @throws MalformedSummaryException with what is wrong and where
     */
    static CheckedSummary read(byte[] body, SummaryLimits limits, long[] scratch) throws MalformedSummaryException {
        SummaryReader.Parsed parsed = SummaryReader.read(body, limits);
        if (!parsed.header().complete() && parsed.header().intervalNanos() == 0) {
            throw new MalformedSummaryException("interval_nanos is 0: increments are over some time");
        }
        Set<Integer> refs = new HashSet<>();
        Check check = new Check();
        for (ContainerPart part : parsed.containers()) {
            if (!refs.add(part.ref())) {
                throw new MalformedSummaryException("container ref " + part.ref() + " is there twice");
            }
            if (parsed.header().complete() && part.identity() == null) {
                throw new MalformedSummaryException(
                        "container ref " + part.ref() + " has no identity, which a complete summary gives to each");
            }
            SummaryReader.samples(body, part.offset(), part.length(), limits, scratch, check);
            if (!check.problem.isEmpty()) {
                throw new MalformedSummaryException("container ref " + part.ref() + ": " + check.problem);
            }
        }
        return new CheckedSummary(parsed, body, check.highestLabel);
    }

    private static final class Check implements SampleVisitor {
        private int highestLabel;
        private String problem = "";

        @Override
        public void counter(Metric metric, int label, long value) {
            label(metric, label);
            long most = metric.unit() == Unit.SECONDS ? MAX_SUM_NANOS : MAX_COUNT;
            if (value > most) {
                problem = metric.name() + " counts " + value + ", more than " + most;
            }
        }

        @Override
        public void gauge(Metric metric, int label, double value) {
            label(metric, label);
            if (Math.abs(value) > MAX_GAUGE) {
                problem = metric.name() + " is " + value + ", beyond " + MAX_GAUGE;
            }
        }

        @Override
        public void distribution(Metric metric, int label, long[] flat) {
            label(metric, label);
            if (flat[Histogram.SUM_NANOS] > MAX_SUM_NANOS) {
                problem =
                        metric.name() + " has sum_nanos " + flat[Histogram.SUM_NANOS] + ", more than " + MAX_SUM_NANOS;
            }
            for (int i = Histogram.ZERO_COUNT; i < Histogram.WIDTH; i++) {
                if (flat[i] > MAX_COUNT) {
                    problem = metric.name() + " counts " + flat[i] + " in a bucket, more than " + MAX_COUNT;
                }
            }
        }

        private void label(Metric metric, int label) {
            if (label < 0 || (label == 0) != metric.labels().isEmpty()) {
                problem = "a " + metric.type().name().toLowerCase(Locale.ROOT) + " of " + metric.name()
                        + " has label " + Integer.toUnsignedString(label) + ", but "
                        + (metric.labels().isEmpty() ? "that metric has none" : "that metric has " + metric.labels());
            }
            highestLabel = Math.max(highestLabel, label);
        }
    }
}
