package io.kpod.agent;

import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * Logs something that may fail again and again: the first failure as a warning, the same one repeated at debug level,
 * and the recovery. Safe for use by several threads.
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

    /** Why something failed: the innermost message; its kind where none has one ({@code ConnectException}). */
    public static String reason(Throwable failure) {
        String reason = failure.getClass().getSimpleName();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null && !cause.getMessage().equals(String.valueOf(cause.getCause()))) {
                reason = cause.getMessage();
            }
        }
        return reason;
    }

    /** Says that it works again, if it did not. */
    public synchronized void works(String message) {
        works(() -> message);
    }

    /** The same, the message made only if it is said. */
    public synchronized void works(Supplier<String> message) {
        if (!last.isEmpty()) {
            log.info(message.get());
            last = "";
        }
    }
}
