package io.kpod.apiserver.change;

/** What was at that revision, or has happened since, is not known any more. */
public final class ExpiredRevisionException extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param oldest the oldest revision that is known */
    public ExpiredRevisionException(long revision, long oldest) {
        super("too old resource version: " + revision + " (" + oldest + ")", null, false, false);
    }
}
