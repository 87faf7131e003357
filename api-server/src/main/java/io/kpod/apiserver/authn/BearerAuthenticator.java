package io.kpod.apiserver.authn;

import io.kpod.apiserver.status.Causes;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** {@code Authorization: Bearer}, reviewed by the kube-apiserver. */
public final class BearerAuthenticator implements Authenticator {
    private final TokenReviewer reviewer;
    private final List<String> audiences;

    public BearerAuthenticator(TokenReviewer reviewer, List<String> audiences) {
        this.reviewer = reviewer;
        this.audiences = List.copyOf(audiences);
    }

    /** The token of a request (RFC 6750, section 2.1). */
    public static Optional<String> token(Credentials credentials) {
        return credentials.header("Authorization").stream()
                .limit(1)
                .map(value -> value.strip().split(" +", 3))
                .filter(parts -> parts.length >= 2 && parts[0].equalsIgnoreCase("bearer") && !parts[1].isEmpty())
                .map(parts -> parts[1])
                .findFirst();
    }

    @Override
    public Outcome authenticate(Credentials credentials) {
        Optional<String> token = token(credentials);
        if (token.isEmpty()) {
            return new Outcome.Absent();
        }
        try {
            return switch (reviewer.review(token.get(), audiences).join()) {
                case TokenReviewer.Verdict.Valid(User user) -> new Outcome.Known(user);
                case TokenReviewer.Verdict.Invalid(String reason) -> new Outcome.Refused("bearer token: " + reason);
            };
        } catch (CompletionException e) {
            return new Outcome.Unavailable("the kube-apiserver does not review the bearer token: " + Causes.of(e));
        }
    }
}
