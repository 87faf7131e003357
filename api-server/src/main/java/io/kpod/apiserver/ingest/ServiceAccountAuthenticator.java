package io.kpod.apiserver.ingest;

import io.kpod.apiserver.authn.BearerAuthenticator;
import io.kpod.apiserver.authn.Credentials;
import io.kpod.apiserver.authn.TokenReviewer;
import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.status.Causes;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.status.StatusException.Details;
import io.kpod.apiserver.status.StatusException.Reason;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/**
 * The agents' projected ServiceAccount token. Which node it was given out for stands in the token since Kubernetes
 * 1.30; before that it names its pod, and that pod's node is looked up.
 */
public final class ServiceAccountAuthenticator implements AgentAuthenticator {
    /** What the token must have been asked for. */
    public static final String AUDIENCE = "kernelmetrics.kpod.io";

    private static final String NODE_NAME = "authentication.kubernetes.io/node-name";
    private static final String POD_NAME = "authentication.kubernetes.io/pod-name";
    private static final String POD_UID = "authentication.kubernetes.io/pod-uid";
    private static final List<String> AUDIENCES = List.of(AUDIENCE);
    private static final String PREFIX = "system:serviceaccount:";

    private final TokenReviewer reviewer;
    private final String account;
    private final PodNodes pods;

    /**
     * Makes one.
     *
     * @param account the user name of the agents' ServiceAccount, the only one that may push
     */
    public ServiceAccountAuthenticator(TokenReviewer reviewer, String account, PodNodes pods) {
        this.reviewer = reviewer;
        this.account = account;
        this.pods = pods;
    }

    @Override
    public Agent authenticate(Credentials credentials) {
        String token = BearerAuthenticator.token(credentials)
                .orElseThrow(() -> new StatusException(
                        Reason.UNAUTHORIZED,
                        "Unauthorized: no bearer token; send a projected ServiceAccount token of audience "
                                + AUDIENCE));
        User user = review(token);
        if (!user.name().equals(account)) {
            throw new StatusException(
                    Reason.FORBIDDEN,
                    "User \"" + user.name() + "\" may not push summaries: only \"" + account
                            + "\" may (kpod.ingest.service-account)");
        }
        return new Agent.OnNode(
                claim(user, NODE_NAME)
                        .or(() -> nodeOfPod(user))
                        .orElseThrow(
                                () -> new StatusException(
                                        Reason.FORBIDDEN,
                                        "the token of \"" + account
                                                + "\" is bound to no node or running pod: use a token projected into the agent's pod")));
    }

    private User review(String token) {
        try {
            return switch (reviewer.review(token, AUDIENCES).join()) {
                case TokenReviewer.Verdict.Valid(User user) -> user;
                case TokenReviewer.Verdict.Invalid(String reason) ->
                    throw new StatusException(Reason.UNAUTHORIZED, "Unauthorized: bearer token: " + reason);
            };
        } catch (CompletionException e) {
            throw unavailable("the kube-apiserver does not review the token: " + Causes.of(e));
        }
    }

    private Optional<String> nodeOfPod(User user) {
        Optional<String> pod = claim(user, POD_NAME);
        Optional<String> uid = claim(user, POD_UID);
        if (pod.isEmpty() || uid.isEmpty() || !account.startsWith(PREFIX)) {
            return Optional.empty();
        }
        String namespace = account.substring(PREFIX.length(), account.indexOf(':', PREFIX.length()));
        try {
            return pods.nodeOf(namespace, pod.get(), uid.get());
        } catch (RuntimeException e) {
            throw unavailable(
                    "the kube-apiserver does not show pod " + namespace + "/" + pod.get() + ": " + Causes.of(e));
        }
    }

    private static Optional<String> claim(User user, String key) {
        return user.extra().getOrDefault(key, List.of()).stream()
                .filter(value -> !value.isEmpty())
                .findFirst();
    }

    private static StatusException unavailable(String message) {
        return new StatusException(Reason.SERVICE_UNAVAILABLE, message, new Details("", "", "", List.of(), 1));
    }
}
