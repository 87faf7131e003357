package io.kpod.apiserver.status;

/** What an exception says, for a line in a log or a Status. */
public final class Causes {
    private Causes() {}

    /** The innermost cause, which knows what went wrong: a refused connection, not the call that met it. */
    public static String of(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        String message = innermost.getMessage();
        return message == null ? innermost.getClass().getSimpleName() : message.replaceAll("\\s+", " ");
    }
}
