package io.kpod.apiserver.window;

import java.util.List;

/**
 * A stretch of this server's monotonic clock, end included.
 *
 * @param toNanos not before {@code fromNanos}
 */
record Span(long fromNanos, long toNanos) {
    long nanos() {
        return toNanos - fromNanos;
    }

    /** Most of it lies after {@code nanos}. */
    boolean mostlyAfter(long nanos) {
        return toNanos - nanos() / 2 - nanos > 0;
    }

    /** How much of some spans lies within a life. */
    static long overlap(List<Span> spans, long bornNanos, long endedNanos) {
        long nanos = 0;
        for (Span span : spans) {
            nanos += span.overlap(bornNanos, endedNanos);
        }
        return nanos;
    }

    /** How much of it lies within a life. */
    long overlap(long bornNanos, long endedNanos) {
        long from = Math.max(fromNanos - toNanos, bornNanos - toNanos);
        long to = endedNanos == TrackedContainer.STILL_THERE ? 0 : Math.min(0, endedNanos - toNanos);
        return Math.max(0, to - from);
    }
}
