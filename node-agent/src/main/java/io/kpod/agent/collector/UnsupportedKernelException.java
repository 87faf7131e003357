package io.kpod.agent.collector;

/** The running kernel lacks what a family needs; the message says what, on one line. */
public final class UnsupportedKernelException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnsupportedKernelException(String reason) {
        super(reason);
    }
}
