package io.kpod.apiserver;

/** The cluster does not let the server start; the message says what was tried and the way out. */
final class ClusterUnreachableException extends Exception {
    private static final long serialVersionUID = 1L;

    ClusterUnreachableException(String message) {
        super(message);
    }
}
