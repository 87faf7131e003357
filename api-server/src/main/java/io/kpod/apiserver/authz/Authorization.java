package io.kpod.apiserver.authz;

import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.status.StatusException.Details;
import io.kpod.apiserver.status.StatusException.Reason;
import java.util.List;

/** Lets a request pass or ends it. */
public final class Authorization {
    private static final List<String> ALWAYS_ALLOWED = List.of("/healthz", "/livez", "/readyz");

    private final Authorizer authorizer;

    public Authorization(Authorizer authorizer) {
        this.authorizer = authorizer;
    }

    /** Whether anybody may ask for this path: the health paths and what is below them. */
    public static boolean isAlwaysAllowed(String path) {
        return ALWAYS_ALLOWED.stream().anyMatch(open -> path.equals(open) || path.startsWith(open + "/"));
    }

    /**
     * Returns if the user may do it.
     *
     * @throws StatusException 403 if not, 503 if that can't be told now
     */
    public void check(User user, RequestInfo request) {
        if (isAlwaysAllowed(request.path())) {
            return;
        }
        switch (authorizer.authorize(user, request)) {
            case Authorizer.Decision.Allowed() -> {}
            case Authorizer.Decision.Denied(String reason) -> throw Forbidden.of(user, request, reason);
            case Authorizer.Decision.Unavailable(String reason) -> throw unavailable(reason);
        }
    }

    /**
     * Whether the user might do something else.
     *
     * @throws StatusException 503 if that can't be told now
     */
    public boolean permits(User user, RequestInfo request) {
        return switch (authorizer.authorize(user, request)) {
            case Authorizer.Decision.Allowed() -> true;
            case Authorizer.Decision.Denied(String reason) -> false;
            case Authorizer.Decision.Unavailable(String reason) -> throw unavailable(reason);
        };
    }

    private static StatusException unavailable(String reason) {
        return new StatusException(
                Reason.SERVICE_UNAVAILABLE,
                "authorization is not possible now, the kube-apiserver does not answer the SubjectAccessReview: "
                        + reason,
                new Details("", "", "", List.of(), 1));
    }
}
