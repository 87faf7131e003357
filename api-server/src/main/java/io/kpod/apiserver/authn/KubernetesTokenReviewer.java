package io.kpod.apiserver.authn;

import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Asks the kube-apiserver. */
public final class KubernetesTokenReviewer implements TokenReviewer {
    private final KubernetesClient client;
    private final Executor executor;

    /**
     * Makes one.
     *
     * @param client retries by itself
     * @param executor of calls that block
     */
    public KubernetesTokenReviewer(KubernetesClient client, Executor executor) {
        this.client = client;
        this.executor = executor;
    }

    @Override
    public CompletableFuture<Verdict> review(String token, List<String> audiences) {
        return CompletableFuture.supplyAsync(() -> ask(token, audiences), executor);
    }

    private Verdict ask(String token, List<String> audiences) {
        TokenReview answer = client.tokenReviews()
                .create(new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(token)
                        .withAudiences(audiences)
                        .endSpec()
                        .build());
        TokenReviewStatus status = answer.getStatus();
        if (status == null || !Boolean.TRUE.equals(status.getAuthenticated())) {
            String error = status == null ? null : status.getError();
            return new Verdict.Invalid(error == null || error.isEmpty() ? "invalid bearer token" : error);
        }
        // An authenticator that knows nothing of audiences answers none: then the token must not count for ours.
        if (!audiences.isEmpty() && Collections.disjoint(status.getAudiences(), audiences)) {
            return new Verdict.Invalid("token is for audiences " + status.getAudiences() + ", not " + audiences);
        }
        return new Verdict.Valid(user(status.getUser()));
    }

    private static User user(UserInfo info) {
        return new User(
                info.getUsername(),
                Objects.requireNonNullElse(info.getUid(), ""),
                Objects.requireNonNullElse(info.getGroups(), List.of()),
                Objects.requireNonNullElse(info.getExtra(), Map.of()));
    }
}
