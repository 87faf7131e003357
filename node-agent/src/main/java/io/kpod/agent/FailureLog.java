package io.kpod.agent;

import org.slf4j.Logger;

/**
 * Logs something that may fail again and again: the first failure as a warning, the same one repeated at debug level,
 * and the
 * recovery. Safe for use by several threads.
 */
public final class FailureLog {
    private final Logger log;
    private String last = "";

    public FailureLog(Logger log) {
        this.log = log;
    }

    /** What fails at present, as it was said; empty if nothing does. */
    public synchronized String current() {
        return last;
    }

    /** Says what failed: thing, value and way out in one line. */
    public synchronized void failed(String message) {
        if (message.equals(last)) {
            log.debug(message);
        } else {
            log.warn(message);
            last = message;
        }
    }

    /** Why something failed, from the innermost cause; its kind where it has no message ({@code ConnectException}). */
    public static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return message == null ? root.getClass().getSimpleName() : message;
    }

    /** Says that it works again, if it did not. */
    public synchronized void works(String message) {
        if (!last.isEmpty()) {
            log.info(message);
            last = "";
        }
    }
}
