package io.kpod.apiserver.authz;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.kpod.apiserver.authn.User;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the kube-apiserver is asked, as it arrives there. */
class SubjectAccessReviewAuthorizerTest {
    private static final User CAROL =
            new User("carol", "u1", List.of("shop", "system:authenticated"), Map.of("scopes", List.of("a", "b")));

    private final List<JsonNode> asked = new CopyOnWriteArrayList<>();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private HttpServer kubernetes;
    private KubernetesClient client;
    private SubjectAccessReviewAuthorizer authorizer;

    @BeforeEach
    void start() throws Exception {
        kubernetes = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        kubernetes.createContext("/apis/authorization.k8s.io/v1/subjectaccessreviews", exchange -> {
            asked.add(JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes()));
            byte[] answer =
                    "{\"kind\":\"SubjectAccessReview\",\"apiVersion\":\"authorization.k8s.io/v1\",\"spec\":{},\"status\":{\"allowed\":true}}"
                            .getBytes(StandardCharsets.US_ASCII);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(201, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        kubernetes.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withAutoConfigure(false)
                        .withMasterUrl(
                                "http://127.0.0.1:" + kubernetes.getAddress().getPort())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        authorizer = new SubjectAccessReviewAuthorizer(client, executor, Ticker.systemTicker());
    }

    @AfterEach
    void stop() {
        client.close();
        kubernetes.stop(0);
        executor.shutdownNow();
    }

    @Test
    void theSelectorsOfAListAreTold() {
        allow(
                "/apis/kernelmetrics.kpod.io/v1beta1/namespaces/shop/pods",
                Map.of("labelSelector", "app in (a,b),!old", "fieldSelector", "spec.nodeName=n1"));
        JsonNode spec = asked.getFirst().get("spec");
        assertThat(spec.get("user").asString()).isEqualTo("carol");
        assertThat(spec.get("uid").asString()).isEqualTo("u1");
        assertThat(spec.at("/groups/0").asString()).isEqualTo("shop");
        assertThat(spec.at("/extra/scopes/1").asString()).isEqualTo("b");
        JsonNode resource = spec.get("resourceAttributes");
        assertThat(resource.get("verb").asString()).isEqualTo("list");
        assertThat(resource.get("namespace").asString()).isEqualTo("shop");
        assertThat(resource.at("/labelSelector/rawSelector").asString()).isEqualTo("app in (a,b),!old");
        assertThat(resource.at("/fieldSelector/rawSelector").asString()).isEqualTo("spec.nodeName=n1");
    }

    @Test
    void anotherSelectorIsAnotherQuestionAndTheSameIsAskedOnce() {
        String path = "/apis/kernelmetrics.kpod.io/v1beta1/namespaces/shop/pods";
        allow(path, Map.of("labelSelector", "app=a"));
        allow(path, Map.of("labelSelector", "app=a"));
        allow(path, Map.of("labelSelector", "app=b"));
        allow(path, Map.of());
        assertThat(asked).hasSize(3);
        assertThat(asked.getLast().at("/spec/resourceAttributes").has("labelSelector"))
                .isFalse();
    }

    @Test
    void nobodyIsNotAskedAboutAndMastersNeither() {
        assertThat(authorizer.authorize(User.ANONYMOUS, request("/version", Map.of())))
                .isInstanceOf(Authorizer.Decision.Denied.class);
        assertThat(authorizer.authorize(
                        new User("admin", "", List.of(User.MASTERS), Map.of()), request("/version", Map.of())))
                .isInstanceOf(Authorizer.Decision.Allowed.class);
        assertThat(asked).isEmpty();
    }

    private void allow(String path, Map<String, String> query) {
        assertThat(authorizer.authorize(CAROL, request(path, query))).isInstanceOf(Authorizer.Decision.Allowed.class);
    }

    private static RequestInfo request(String path, Map<String, String> query) {
        return RequestInfo.of("GET", path, name -> Optional.ofNullable(query.get(name)));
    }
}
