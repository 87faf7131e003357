package io.kpod.apiserver.authz;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewFluent;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.status.Causes;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Asks the kube-apiserver, after {@code system:masters} has been let in and nobody kept out (apiserver plugin
 * webhook/authorizer). Answers are remembered for 10 seconds, failures not at all; one question in flight is asked
 * once. Thread-safe.
 */
public final class SubjectAccessReviewAuthorizer implements Authorizer {
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    private static final int MAX_REMEMBERED = 16_384;
    /** Longer questions are not remembered, so that they can't fill the memory. */
    private static final int MAX_REMEMBERED_LENGTH = 10_000;

    private record Question(User user, RequestInfo request) {}

    private final KubernetesClient client;
    private final Executor executor;
    private final AsyncCache<Question, Decision> decisions;

    /**
     * Makes one.
     *
     * @param client retries by itself
     * @param executor of calls that block
     */
    public SubjectAccessReviewAuthorizer(KubernetesClient client, Executor executor, Ticker ticker) {
        this.client = client;
        this.executor = executor;
        this.decisions = Caffeine.newBuilder()
                .maximumSize(MAX_REMEMBERED)
                .expireAfterWrite(REMEMBERED)
                .executor(executor)
                .ticker(ticker)
                .buildAsync();
    }

    @Override
    public Decision authorize(User user, RequestInfo request) {
        if (user.groups().contains(User.MASTERS)) {
            return new Decision.Allowed();
        }
        if (user.isAnonymous()) {
            return new Decision.Denied("nobody in particular gets health only");
        }
        Question question = new Question(user, request);
        try {
            return question.toString().length() > MAX_REMEMBERED_LENGTH
                    ? ask(question)
                    : decisions.get(question, this::asking).join();
        } catch (RuntimeException e) {
            return new Decision.Unavailable(Causes.of(e));
        }
    }

    private CompletableFuture<Decision> asking(Question question, Executor ignored) {
        return CompletableFuture.supplyAsync(() -> ask(question), executor);
    }

    private Decision ask(Question question) {
        SubjectAccessReview answer =
                client.authorization().v1().subjectAccessReview().create(review(question));
        var status = Objects.requireNonNull(answer.getStatus(), "SubjectAccessReview without a status");
        return Boolean.TRUE.equals(status.getAllowed())
                ? new Decision.Allowed()
                : new Decision.Denied(Objects.requireNonNullElse(status.getReason(), ""));
    }

    private static SubjectAccessReview review(Question question) {
        User user = question.user();
        RequestInfo request = question.request();
        SubjectAccessReviewFluent<SubjectAccessReviewBuilder>.SpecNested<SubjectAccessReviewBuilder> spec =
                new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser(user.name())
                        .withUid(user.uid())
                        .withGroups(user.groups())
                        .withExtra(user.extra());
        if (!request.isResource()) {
            return spec.withNewNonResourceAttributes(request.path(), request.verb())
                    .endSpec()
                    .build();
        }
        ResourceAttributesBuilder attributes = new ResourceAttributesBuilder()
                .withGroup(request.group())
                .withVersion(request.version())
                .withNamespace(request.namespace())
                .withVerb(request.verb())
                .withResource(request.resource())
                .withSubresource(request.subresource())
                .withName(request.name());
        if (!request.labelSelector().isEmpty()) {
            attributes
                    .withNewLabelSelector()
                    .withRawSelector(request.labelSelector())
                    .endLabelSelector();
        }
        if (!request.fieldSelector().isEmpty()) {
            attributes
                    .withNewFieldSelector()
                    .withRawSelector(request.fieldSelector())
                    .endFieldSelector();
        }
        return spec.withResourceAttributes(attributes.build()).endSpec().build();
    }
}
