package io.kpod.apiserver.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kpod.apiserver.authn.ShownCredentials;
import io.kpod.apiserver.authn.TokenReviewer;
import io.kpod.apiserver.authn.TokenReviewer.Verdict;
import io.kpod.apiserver.authn.User;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ServiceAccountAuthenticatorTest {
    private static final String ACCOUNT = "system:serviceaccount:kpod:kpod-node-agent";
    private static final PodNodes PODS =
            (namespace, pod, uid) -> namespace.equals("kpod") && pod.equals("agent-1") && uid.equals("u1")
                    ? Optional.of("n1")
                    : Optional.empty();

    @Test
    void theTokenSaysTheNode() {
        assertThat(agent(user(ACCOUNT, Map.of("authentication.kubernetes.io/node-name", List.of("n7")))))
                .isEqualTo(new Agent.OnNode("n7"));
    }

    @Test
    void anOlderClustersTokenSaysThePodAndThePodIsLookedUp() {
        assertThat(agent(user(
                        ACCOUNT,
                        Map.of(
                                "authentication.kubernetes.io/pod-name", List.of("agent-1"),
                                "authentication.kubernetes.io/pod-uid", List.of("u1")))))
                .isEqualTo(new Agent.OnNode("n1"));
    }

    @Test
    void aTokenOfAPodThatIsGoneIsRefused() {
        assertThatThrownBy(() -> agent(user(
                        ACCOUNT,
                        Map.of(
                                "authentication.kubernetes.io/pod-name", List.of("agent-1"),
                                "authentication.kubernetes.io/pod-uid", List.of("u0")))))
                .hasMessageContaining("bound to no node or running pod");
    }

    @Test
    void anotherAccountIsRefused() {
        assertThatThrownBy(() -> agent(user(
                        "system:serviceaccount:kpod:other",
                        Map.of("authentication.kubernetes.io/node-name", List.of("n7")))))
                .hasMessageContaining("\"system:serviceaccount:kpod:other\" may not push");
    }

    @Test
    void aBadTokenIsRefusedAndAnAbsentOneSaysWhatToSend() {
        assertThatThrownBy(() -> agent(new Verdict.Invalid("expired"))).hasMessageContaining("bearer token: expired");
        assertThatThrownBy(() -> authenticator((token, audiences) -> null).authenticate(new ShownCredentials()))
                .hasMessageContaining("audience kernelmetrics.kpod.io");
    }

    @Test
    void whileTheKubeApiserverIsAwayItSaysSo() {
        TokenReviewer away =
                (token, audiences) -> CompletableFuture.failedFuture(new java.io.IOException("connection refused"));
        assertThatThrownBy(() ->
                        authenticator(away).authenticate(new ShownCredentials().with("Authorization", "Bearer t")))
                .hasMessageContaining("connection refused");
    }

    private static Agent agent(Verdict verdict) {
        TokenReviewer reviewer = (token, audiences) -> {
            assertThat(audiences).containsExactly("kernelmetrics.kpod.io");
            return CompletableFuture.completedFuture(verdict);
        };
        return authenticator(reviewer).authenticate(new ShownCredentials().with("Authorization", "Bearer t"));
    }

    private static ServiceAccountAuthenticator authenticator(TokenReviewer reviewer) {
        return new ServiceAccountAuthenticator(reviewer, ACCOUNT, PODS);
    }

    private static Verdict user(String name, Map<String, List<String>> extra) {
        return new Verdict.Valid(new User(name, "", List.of(), extra));
    }
}
