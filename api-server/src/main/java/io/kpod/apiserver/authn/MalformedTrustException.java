package io.kpod.apiserver.authn;

/** The authentication ConfigMap holds what can't be read; the message names the key and what is wrong with it. */
public final class MalformedTrustException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedTrustException(String message) {
        super(message);
    }
}
