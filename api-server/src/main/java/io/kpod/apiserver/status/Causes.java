package io.kpod.apiserver.status;

import java.net.ConnectException;

/** What an exception says, for a line in a log or a Status. */
public final class Causes {
    private Causes() {}

    /** The innermost cause, which knows what went wrong: a refused connection, not the call that met it. */
    public static String of(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            if (innermost instanceof ConnectException && innermost.getMessage() == null) {
                return "connection refused";
            }
            innermost = innermost.getCause();
        }
        String message = innermost.getMessage();
        return message == null ? innermost.getClass().getSimpleName() : message.replaceAll("\\s+", " ");
    }
}
