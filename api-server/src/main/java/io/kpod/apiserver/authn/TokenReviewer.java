package io.kpod.apiserver.authn;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Tells whose a bearer token is (authentication.k8s.io/v1 TokenReview). */
public interface TokenReviewer {
    /**
     * Asks.
     *
     * @param audiences what the token must be for; empty for the kube-apiserver itself
     * @return fails if it can't be told now
     */
    CompletableFuture<Verdict> review(String token, List<String> audiences);

    /** Whose it is. */
    sealed interface Verdict {
        /** A valid token of {@code user}. */
        record Valid(User user) implements Verdict {}

        /** Not valid here. */
        record Invalid(String reason) implements Verdict {}
    }
}
