package io.kpod.summary.wire;

/** A body that is not a summary, or one over its bounds; the message names what and where. */
public final class MalformedSummaryException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedSummaryException(String message) {
        super(message);
    }
}
