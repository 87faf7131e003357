package io.kpod.apiserver.authz;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Ticker;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.authz.Authorizer.Decision;
import io.kpod.apiserver.status.StatusException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class AuthorizationTest {
    private static final User BOB = new User("bob", "", List.of("dev"), Map.of());
    private static final User ADMIN = new User("admin", "", List.of(User.MASTERS), Map.of());

    @Test
    void refusalsAreInKubernetesWords() {
        Authorization nothing = new Authorization((user, request) -> new Decision.Denied(""));
        assertThatThrownBy(() -> nothing.check(BOB, get("/apis/g/v1/namespaces/shop/pods/web/x")))
                .hasMessage(
                        "pods.g \"web\" is forbidden: User \"bob\" cannot get resource \"pods/x\" in API group \"g\" in the"
                                + " namespace \"shop\"");
        assertThatThrownBy(() -> nothing.check(BOB, get("/apis/g/v1/pods")))
                .hasMessage(
                        "pods.g is forbidden: User \"bob\" cannot list resource \"pods\" in API group \"g\" at the cluster scope");
        assertThatThrownBy(() -> nothing.check(BOB, get("/metrics")))
                .hasMessage("forbidden: User \"bob\" cannot get path \"/metrics\"");
    }

    @Test
    void healthNeedsNoAuthorizer() {
        Authorization broken = new Authorization((user, request) -> {
            throw new AssertionError("asked");
        });
        for (String path : List.of("/healthz", "/livez", "/readyz", "/readyz/ping")) {
            assertThatCode(() -> broken.check(User.ANONYMOUS, get(path))).doesNotThrowAnyException();
        }
        assertThatThrownBy(() -> broken.check(User.ANONYMOUS, get("/readyzz"))).hasMessage("asked");
    }

    @Test
    void withoutTheKubeApiserverNobodyButMastersIsLetIn() {
        Config nowhere = new ConfigBuilder(Config.empty())
                .withMasterUrl("https://127.0.0.1:1")
                .withRequestRetryBackoffLimit(0)
                .build();
        try (KubernetesClient client =
                        new KubernetesClientBuilder().withConfig(nowhere).build();
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Authorization authorization =
                    new Authorization(new SubjectAccessReviewAuthorizer(client, executor, Ticker.systemTicker()));
            assertThatCode(() -> authorization.check(ADMIN, get("/metrics"))).doesNotThrowAnyException();
            assertThatThrownBy(() -> authorization.check(BOB, get("/metrics")))
                    .isInstanceOfSatisfying(StatusException.class, e -> {
                        org.assertj.core.api.Assertions.assertThat(e.reason())
                                .isEqualTo(StatusException.Reason.SERVICE_UNAVAILABLE);
                    })
                    .hasMessageContaining("SubjectAccessReview")
                    .hasMessageEndingWith("connection refused");
        }
    }

    private static RequestInfo get(String path) {
        return RequestInfo.of("GET", path, name -> Optional.empty());
    }
}
