package io.kpod.apiserver.kernelmetrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.OpenWatch;
import io.kpod.apiserver.TestApi;
import io.kpod.apiserver.window.TestAgent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Lists in pages while what is listed comes and goes. */
class PagesTest {
    private static final String PODS = "/apis/kernelmetrics.kpod.io/v1beta1/pods";

    private final TestApi api = new TestApi();
    private final TestAgent agent = new TestAgent("n1");

    @BeforeEach
    void fivePodsAreMeasured() {
        for (int i = 0; i < 5; i++) {
            pod("p" + i, i);
        }
        api.push(agent);
        api.push(agent);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private void pod(String name, int switches) {
        api.cluster.pod(name.compareTo("p2") < 0 ? "a" : "b", name, "u-" + name, "n1", Map.of("app", name));
        agent.start(name.compareTo("p2") < 0 ? "a" : "b", name, "u-" + name, "app")
                .count(100L * switches, 0, 0, 0);
    }

    private static List<String> names(JsonNode page) {
        List<String> names = new ArrayList<>();
        page.at("/items").forEach(item -> names.add(item.at("/metadata/name").asString()));
        return names;
    }

    private JsonNode page(String query, String token) throws Exception {
        return api.json(PODS + "?limit=2" + query + (token.isEmpty() ? "" : "&continue=" + token));
    }

    @Test
    void aListShowsWhatThereWasAtItsFirstPage() throws Exception {
        JsonNode first = page("", "");
        assertThat(names(first)).containsExactly("p0", "p1");
        assertThat(first.at("/metadata/remainingItemCount").asInt()).isEqualTo(3);
        api.cluster.remove("b", "p3", "u-p3");
        pod("p25", 1);
        pod("p9", 1);
        api.push(agent);
        JsonNode second = page("", first.at("/metadata/continue").asString());
        assertThat(names(second)).containsExactly("p2", "p3");
        assertThat(second.at("/items/1/total/cpu/contextSwitches/total").asInt())
                .isEqualTo(300);
        assertThat(second.at("/metadata/remainingItemCount").asInt()).isEqualTo(1);
        JsonNode third = page("", second.at("/metadata/continue").asString());
        assertThat(names(third)).containsExactly("p4");
        assertThat(third.at("/metadata/continue").isMissingNode()).isTrue();
        assertThat(third.at("/metadata/remainingItemCount").isMissingNode()).isTrue();
        for (JsonNode page : List.of(second, third)) {
            assertThat(page.at("/metadata/resourceVersion")).isEqualTo(first.at("/metadata/resourceVersion"));
        }
        assertThat(names(api.json(PODS))).containsExactly("p0", "p1", "p2", "p25", "p4", "p9");
    }

    @Test
    void anyLimitBelowZeroIsNone() throws Exception {
        assertThat(names(api.json(PODS + "?limit=-1"))).hasSize(5);
    }

    @Test
    void howManyRemainIsNotSaidOfASelection() throws Exception {
        JsonNode first = page("&labelSelector=app", "");
        assertThat(first.at("/metadata/continue").asString()).isNotEmpty();
        assertThat(first.at("/metadata/remainingItemCount").isMissingNode()).isTrue();
    }

    @Test
    void aListThatTookTooLongCanGoOnWithWhatThereIs() throws Exception {
        String token = page("", "").at("/metadata/continue").asString();
        pod("p25", 1);
        for (int i = 0; i < 62; i++) {
            api.push(agent);
        }
        JsonNode expired = page("", token);
        assertThat(expired.at("/code").asInt()).isEqualTo(410);
        assertThat(expired.at("/reason").asString()).isEqualTo("Expired");
        assertThat(expired.at("/message").asString()).startsWith("The provided continue parameter is too old");
        JsonNode second = page("", expired.at("/metadata/continue").asString());
        assertThat(names(second)).containsExactly("p2", "p25");
        JsonNode third = page("", second.at("/metadata/continue").asString());
        assertThat(names(third)).containsExactly("p3", "p4");
    }

    /** The other replica hears of everything too: of what came up to 4 s later, of what went at the same time. */
    @Test
    void aListThatGoesOnAtAnotherReplicaMissesNothingThatWasThereAllTheTime() throws Exception {
        try (TestApi other = new TestApi()) {
            TestAgent toOther = new TestAgent("n1");
            for (String name : List.of("p0", "p1", "p2", "p3", "p4")) {
                podOf(other, toOther, name);
            }
            for (int i = 0; i < 2; i++) {
                other.push(toOther);
            }
            for (int i = 0; i < 4; i++) {
                api.push(agent);
                other.push(toOther);
            }
            pod("p25", 1);
            api.push(agent);
            other.clock.advance(TestApi.PUSH);
            api.cluster.remove("b", "p4", "u-p4");
            other.cluster.remove("b", "p4", "u-p4");
            api.clock.advance(Duration.ofSeconds(1));
            other.clock.advance(Duration.ofSeconds(1));
            JsonNode first = page("", "");
            assertThat(names(first)).containsExactly("p0", "p1");
            podOf(other, toOther, "p25");
            other.clock.advance(Duration.ofSeconds(3));
            toOther.push(other.presence, TestApi.PUSH);
            other.cluster.remove("b", "p3", "u-p3");
            for (int i = 0; i < 3; i++) {
                other.push(toOther);
            }
            podOf(other, toOther, "p9");
            other.push(toOther);
            JsonNode rest = other.json(
                    PODS + "?continue=" + first.at("/metadata/continue").asString());
            assertThat(names(rest)).containsExactly("p2", "p25", "p3");
            assertThat(rest.at("/metadata/resourceVersion")).isEqualTo(first.at("/metadata/resourceVersion"));
        }
    }

    /** The client may know it from the replica that it was at before, and would keep it for ever. */
    @Test
    void aWatchThatGoesOnAtAnotherReplicaTellsTheEndOfWhatCameJustBefore() throws Exception {
        try (TestApi other = new TestApi()) {
            TestAgent toOther = new TestAgent("n1");
            podOf(other, toOther, "p0");
            for (int i = 0; i < 5; i++) {
                other.push(toOther);
            }
            for (int i = 0; i < 3; i++) {
                api.push(agent);
            }
            pod("p9", 1);
            podOf(other, toOther, "p9");
            api.push(agent);
            other.push(toOther);
            JsonNode known = api.json(PODS);
            assertThat(names(known)).contains("p9");
            other.cluster.remove("b", "p9", "u-p9");
            try (OpenWatch watch =
                    new OpenWatch(other.address() + PODS + "?watch=1&fieldSelector=metadata.name%3Dp9&resourceVersion="
                            + known.at("/metadata/resourceVersion").asString())) {
                assertThat(watch.nextName()).isEqualTo("DELETED p9");
            }
        }
    }

    private static void podOf(TestApi api, TestAgent agent, String name) {
        String namespace = name.compareTo("p2") < 0 ? "a" : "b";
        api.cluster.pod(namespace, name, "u-" + name, "n1", Map.of("app", name));
        agent.start(namespace, name, "u-" + name, "app").count(1, 0, 0, 0);
    }

    @Test
    void aPageIsNeverOfAnotherPodOfThatName() throws Exception {
        String token = page("", "").at("/metadata/continue").asString();
        api.cluster.pod("b", "p2", "u-new", "n1", Map.of());
        agent.start("b", "p2", "u-new", "app");
        api.push(agent);
        assertThat(page("", token).at("/items/0/metadata/uid").asString()).isEqualTo("u-p2");
    }

    @Test
    void theServerSortsByAnyNumber() throws Exception {
        assertThat(names(page("&sortBy=total.cpu.contextSwitches.total", ""))).containsExactly("p4", "p3");
        JsonNode all = api.json(PODS + "?sortBy=total.cpu.runQueueLatency.p99");
        assertThat(names(all)).hasSize(5);
        assertThat(api.json(PODS + "?sortBy=total.cpu").at("/message").asString())
                .isEqualTo(
                        "sortBy \"total.cpu\" is a CpuMetrics and no number; such as total.cpu.runQueueLatency.p99 is one");
        assertThat(api.json(PODS + "?sortBy=total.speed").at("/message").asString())
                .startsWith("sortBy \"total.speed\" is no field of PodKernelMetrics: ");
        assertThat(page(
                                "&sortBy=total.cpu.contextSwitches.total",
                                page("", "").at("/metadata/continue").asString())
                        .at("/code")
                        .asInt())
                .isEqualTo(400);
    }

    @Test
    void anObjectsRevisionRisesWithEachPush() throws Exception {
        String before = api.json(PODS).at("/items/0/metadata/resourceVersion").asString();
        api.clock.advance(Duration.ofSeconds(1));
        assertThat(api.json(PODS).at("/items/0/metadata/resourceVersion").asString())
                .isEqualTo(before);
        api.push(agent);
        assertThat(Long.parseLong(
                        api.json(PODS).at("/items/0/metadata/resourceVersion").asString()))
                .isGreaterThan(Long.parseLong(before));
    }
}
