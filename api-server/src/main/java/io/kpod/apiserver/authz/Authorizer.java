package io.kpod.apiserver.authz;

import io.kpod.apiserver.authn.User;

/** Decides what somebody may do. */
public interface Authorizer {
    /** Decides; may block on the kube-apiserver. */
    Decision authorize(User user, RequestInfo request);

    /** What was decided. */
    sealed interface Decision {
        /** Let it pass. */
        record Allowed() implements Decision {}

        /** {@code reason} may be empty. */
        record Denied(String reason) implements Decision {}

        /** It can't be told now; it must not pass. */
        record Unavailable(String reason) implements Decision {}
    }
}
