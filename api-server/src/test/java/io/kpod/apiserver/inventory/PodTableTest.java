package io.kpod.apiserver.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.window.PodName;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PodTableTest {
    private static final Owner SET = new Owner("ReplicaSet", "shop", "web-1");
    private static final Owner DEPLOYMENT = new Owner("Deployment", "shop", "web");

    private final FakeCluster cluster = new FakeCluster()
            .pod("shop", "web-1-a", "u1", "n1", "Running", Map.of(), SET)
            .pod("shop", "web-1-b", "u2", "n1", "Running", Map.of(), SET)
            .pod("shop", "bare", "u3", "n1", Map.of())
            .pod("shop-2", "x", "u4", "n1", Map.of())
            .pod("a", "x", "u5", "n1", Map.of());

    private static List<String> names(Stream<Pod> pods) {
        return pods.map(pod -> pod.name().toString()).toList();
    }

    @Test
    void podsAreListedByNamespaceAndNameAndFromAnyPlaceOn() {
        assertThat(names(cluster.pods(null, null)))
                .containsExactly("a/x", "shop/bare", "shop/web-1-a", "shop/web-1-b", "shop-2/x");
        assertThat(names(cluster.pods("shop", null))).containsExactly("shop/bare", "shop/web-1-a", "shop/web-1-b");
        assertThat(names(cluster.pods("shop", new PodName("shop", "web-1-a")))).containsExactly("shop/web-1-b");
        assertThat(names(cluster.pods(null, new PodName("shop", "web-1-b")))).containsExactly("shop-2/x");
        assertThat(names(cluster.pods("shop", new PodName("a", "x")))).hasSize(3);
        assertThat(names(cluster.pods("none", null))).isEmpty();
    }

    @Test
    void aDeploymentsPodsAreThoseOfItsReplicaSetsWhicheverIsSeenFirst() {
        assertThat(cluster.podsOf(DEPLOYMENT)).isEmpty();
        cluster.controller(SET, DEPLOYMENT);
        assertThat(names(cluster.podsOf(DEPLOYMENT).stream())).containsExactly("shop/web-1-a", "shop/web-1-b");
        assertThat(names(cluster.podsOf(SET).stream())).containsExactly("shop/web-1-a", "shop/web-1-b");
        assertThat(cluster.workload(cluster.pod(new PodName("shop", "web-1-a")).orElseThrow()))
                .isEqualTo(DEPLOYMENT);
        cluster.remove("shop", "web-1-a", "u1");
        assertThat(names(cluster.podsOf(DEPLOYMENT).stream())).containsExactly("shop/web-1-b");
    }

    @Test
    void aBarePodIsItsOwnWorkload() {
        assertThat(cluster.workload(cluster.pod(new PodName("shop", "bare")).orElseThrow()))
                .isEqualTo(new Owner("Pod", "shop", "bare"));
    }

    @Test
    void theEndOfAnOlderPodDoesNotRemoveTheYoungerOneOfItsName() {
        cluster.pod("shop", "bare", "u9", "n2", Map.of());
        cluster.remove("shop", "bare", "u3");
        assertThat(cluster.pod(new PodName("shop", "bare"))).map(Pod::uid).contains("u9");
    }
}
