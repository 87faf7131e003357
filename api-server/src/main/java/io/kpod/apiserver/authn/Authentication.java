package io.kpod.apiserver.authn;

import io.kpod.apiserver.authn.Authenticator.Outcome;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.status.StatusException.Details;
import io.kpod.apiserver.status.StatusException.Reason;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks each authenticator in turn; the first that knows the sender wins. Who shows nothing is anonymous; who shows
 * something that proves nothing is refused, never anonymous (apiserver union.NewFailOnError over authenticatorfactory's
 * list).
 */
public final class Authentication {
    private final List<Authenticator> authenticators;

    public Authentication(List<Authenticator> authenticators) {
        this.authenticators = List.copyOf(authenticators);
    }

    /**
     * Tells the sender.
     *
     * @throws StatusException 401 if what was shown proves nothing, 503 if that can't be told now
     */
    public User authenticate(Credentials credentials) {
        List<String> refusals = new ArrayList<>();
        List<String> unavailable = new ArrayList<>();
        for (Authenticator authenticator : authenticators) {
            switch (authenticator.authenticate(credentials)) {
                case Outcome.Known(User user) -> {
                    return user.authenticated();
                }
                case Outcome.Absent() -> {}
                case Outcome.Refused(String reason) -> refusals.add(reason);
                case Outcome.Unavailable(String reason) -> unavailable.add(reason);
            }
        }
        if (!unavailable.isEmpty()) {
            throw new StatusException(
                    Reason.SERVICE_UNAVAILABLE,
                    "authentication is not possible now: " + String.join("; ", unavailable),
                    new Details("", "", "", List.of(), 1));
        }
        if (!refusals.isEmpty()) {
            throw new StatusException(Reason.UNAUTHORIZED, "Unauthorized: " + String.join("; ", refusals));
        }
        return User.ANONYMOUS;
    }
}
