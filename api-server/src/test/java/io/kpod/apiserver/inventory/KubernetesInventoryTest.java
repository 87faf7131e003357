package io.kpod.apiserver.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.kpod.apiserver.window.PodName;
import io.kpod.summary.wire.ContainerIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KubernetesInventoryTest {
    private static final String PODS = "/api/v1/pods";
    private static final String SETS = "/apis/apps/v1/replicasets";
    private static final PodName WEB = new PodName("shop", "web-1-a");
    private static final Owner DEPLOYMENT = new Owner("Deployment", "shop", "web");

    private final FakeKubernetes kubernetes = new FakeKubernetes();
    private final KubernetesClient client = kubernetes.client();
    private final KubernetesInventory inventory = new KubernetesInventory(client);

    @BeforeEach
    void aDeploymentRuns() {
        kubernetes.put("/api/v1/nodes", "n1", "{\"metadata\":{\"name\":\"n1\",\"uid\":\"n\"}}");
        kubernetes.put(
                SETS,
                "shop/web-1",
                "{\"metadata\":{\"name\":\"web-1\",\"namespace\":\"shop\",\"uid\":\"s\",\"ownerReferences\":["
                        + FakeKubernetes.controller("Deployment", "web") + "]},\"spec\":{}}");
        kubernetes.put(
                PODS,
                "shop/web-1-a",
                FakeKubernetes.pod("shop", "web-1-a", "u1", "n1", FakeKubernetes.controller("ReplicaSet", "web-1")));
        inventory.start();
        await().atMost(Duration.ofSeconds(20)).until(() -> inventory.synced() && kubernetes.watched());
    }

    @AfterEach
    void stop() {
        inventory.close();
        client.close();
        kubernetes.close();
    }

    private static ContainerIdentity container(String pod, String uid) {
        return new ContainerIdentity("shop", pod, uid, "app", "id", 0);
    }

    @Test
    void readsFromAListWhatMatters() {
        assertThat(inventory.pod(WEB))
                .contains(new Pod(
                        WEB,
                        "u1",
                        Map.of("app", "web"),
                        Instant.parse("2026-11-24T12:00:00Z"),
                        "n1",
                        "Running",
                        true,
                        new Owner("ReplicaSet", "shop", "web-1")));
        assertThat(inventory.workload(inventory.pod(WEB).orElseThrow())).isEqualTo(DEPLOYMENT);
        assertThat(inventory.podsOf(DEPLOYMENT)).extracting(Pod::name).containsExactly(WEB);
        assertThat(inventory.nodes("")).extracting(Node::name).containsExactly("n1");
    }

    @Test
    void followsWhatHappens() {
        kubernetes.put(
                PODS,
                "shop/web-1-b",
                FakeKubernetes.pod("shop", "web-1-b", "u2", "n1", FakeKubernetes.controller("ReplicaSet", "web-1")));
        await().atMost(Duration.ofSeconds(20))
                .until(() -> inventory.podsOf(DEPLOYMENT).size() == 2);
        kubernetes.put(
                PODS,
                "shop/web-1-b",
                FakeKubernetes.pod("shop", "web-1-b", "u2", "n7", FakeKubernetes.controller("ReplicaSet", "web-1")));
        await().atMost(Duration.ofSeconds(20))
                .until(() -> inventory
                        .pod(new PodName("shop", "web-1-b"))
                        .orElseThrow()
                        .node()
                        .equals("n7"));
        kubernetes.delete(PODS, "shop/web-1-a");
        await().atMost(Duration.ofSeconds(20)).until(() -> inventory.pod(WEB).isEmpty());
        assertThat(inventory.podsOf(DEPLOYMENT))
                .extracting(pod -> pod.name().name())
                .containsExactly("web-1-b");
    }

    @Test
    void aPodThatIsNotReadyOrIsBeingDeletedIsNotExpectedToBeMeasured() {
        kubernetes.put(
                PODS,
                "shop/crashing",
                FakeKubernetes.pod("shop", "crashing", "u4", "n1", "")
                        .replace("\"status\":\"True\"", "\"status\":\"False\""));
        kubernetes.put(
                PODS,
                "shop/leaving",
                FakeKubernetes.pod("shop", "leaving", "u5", "n1", "")
                        .replace("\"uid\":\"u5\"", "\"uid\":\"u5\",\"deletionTimestamp\":\"2026-11-24T12:30:00Z\""));
        for (String name : List.of("crashing", "leaving")) {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> inventory.pod(new PodName("shop", name)).isPresent());
            assertThat(inventory.pod(new PodName("shop", name)).orElseThrow().ready())
                    .isFalse();
        }
    }

    @Test
    void servicesAreFollowedForTheirSelectors() {
        kubernetes.put(
                "/api/v1/services",
                "shop/web",
                "{\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\",\"uid\":\"s1\",\"resourceVersion\":\"7\"},"
                        + "\"spec\":{\"clusterIP\":\"10.96.0.9\",\"selector\":{\"app\":\"web\"}}}");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> inventory.service("shop", "web").isPresent());
        Service service = inventory.service("shop", "web").orElseThrow();
        assertThat(service.selects(inventory.pod(WEB).orElseThrow())).isTrue();
        assertThat(new Service("other", "web", service.selector())
                        .selects(inventory.pod(WEB).orElseThrow()))
                .isFalse();
        assertThat(new Service("shop", "web", Map.of())
                        .selects(inventory.pod(WEB).orElseThrow()))
                .isFalse();
        kubernetes.delete("/api/v1/services", "shop/web");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> inventory.service("shop", "web").isEmpty());
    }

    @Test
    void aPodThatIsSeenOnTheNodeIsTakenWithoutALook() {
        assertThat(inventory.refusal("n1", container("web-1-a", "u1"), false)).isEmpty();
        assertThat(kubernetes.looks).hasValue(0);
    }

    @Test
    void aPodThatIsOnAnotherNodeIsRefusedAndBothNodesAreNamed() {
        assertThat(inventory.refusal("n2", container("web-1-a", "u1"), false))
                .contains("node n2 speaks for pod shop/web-1-a, which is on node n1");
        assertThat(inventory.refusal("n2", container("web-1-a", "made-up"), false))
                .isPresent();
    }

    @Test
    void aPodThatTheWatchHasNotShownYetIsLookedAtOnce() {
        kubernetes.putUnseen("shop/young", FakeKubernetes.pod("shop", "young", "u3", "n1", ""));
        assertThat(inventory.refusal("n1", container("young", "u3"), false)).isEmpty();
        assertThat(kubernetes.looks).hasValue(1);
        assertThat(inventory.refusal("n2", container("young", "u3"), false))
                .contains("node n2 speaks for pod shop/young, which is on node n1");
    }

    @Test
    void lastWordsOfAPodWhoseNameHasMovedAreTaken() {
        assertThat(inventory.refusal("n2", container("web-1-a", "its-former-self"), true))
                .isEmpty();
    }

    @Test
    void aPodThatIsGoneIsTakenAndNotServed() {
        assertThat(inventory.refusal("n1", container("gone", "u9"), false)).isEmpty();
        assertThat(inventory.pod(new PodName("shop", "gone"))).isEmpty();
    }
}
