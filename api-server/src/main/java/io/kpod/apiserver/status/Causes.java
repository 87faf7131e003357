package io.kpod.apiserver.status;

import java.net.ConnectException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.NoSuchFileException;

/** What an exception says, for a line in a log or a Status. */
public final class Causes {
    private Causes() {}

    /** The innermost cause, which knows what went wrong: a refused connection, not the call that met it. */
    public static String of(Throwable failure) {
        Throwable innermost = failure;
        boolean refused = false;
        while (innermost.getCause() != null) {
            refused |= innermost instanceof ConnectException && innermost.getMessage() == null;
            innermost = innermost.getCause();
        }
        if (innermost instanceof UnresolvedAddressException) {
            return "unknown host"; // java.net.http wraps it like a refusal
        }
        if (refused) {
            return "connection refused";
        }
        if (innermost instanceof NoSuchFileException) {
            return "no file " + innermost.getMessage();
        }
        String message = innermost.getMessage();
        return message == null ? innermost.getClass().getSimpleName() : message.replaceAll("\\s+", " ");
    }
}
