package io.kpod.apiserver.kernelmetrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.OpenWatch;
import io.kpod.apiserver.TestApi;
import io.kpod.apiserver.inventory.Owner;
import io.kpod.apiserver.window.TestAgent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What a watcher is told; the rules are those of Kubernetes' API concepts (efficient detection of changes). */
@Timeout(60)
class WatchTest {
    private static final String BASE = "/apis/kernelmetrics.kpod.io/v1beta1";
    private static final String PODS = BASE + "/namespaces/shop/pods";
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    private final TestApi api = new TestApi();
    private final TestAgent agent = new TestAgent("n1");

    @BeforeEach
    void twoPodsAreMeasured() {
        pod("a");
        pod("b");
        api.push(agent);
        api.push(agent);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private TestAgent.Container pod(String name) {
        api.cluster.pod("shop", name, "u-" + name, "n1", Map.of("app", name));
        return agent.start("shop", name, "u-" + name, "app");
    }

    private OpenWatch watch(String query, String... headers) throws Exception {
        return new OpenWatch(api.address() + PODS + "?watch=1" + query, headers);
    }

    private String revision() throws Exception {
        return api.json(PODS).at("/metadata/resourceVersion").asString();
    }

    @Test
    void beginsWithWhatThereIsAndTellsEveryPush() throws Exception {
        try (OpenWatch watch = watch("")) {
            assertThat(watch.code()).isEqualTo(200);
            assertThat(watch.nextNames(2)).containsExactly("ADDED a", "ADDED b");
            api.push(agent);
            assertThat(watch.nextNames(2)).containsExactly("MODIFIED a", "MODIFIED b");
            pod("c");
            api.push(agent);
            assertThat(watch.nextNames(3)).containsExactly("ADDED c", "MODIFIED a", "MODIFIED b");
            api.cluster.remove("shop", "a", "u-a");
            JsonNode gone = watch.next();
            assertThat(gone.at("/type").asString()).isEqualTo("DELETED");
            assertThat(gone.at("/object/metadata/name").asString()).isEqualTo("a");
            assertThat(gone.at("/object/metadata/uid").asString()).isEqualTo("u-a");
            assertThat(gone.at("/object/total/cpu/contextSwitches").isMissingNode())
                    .isFalse();
        }
    }

    @Test
    void goesOnWhereAListEndedAndLosesNothing() throws Exception {
        String revision = revision();
        api.cluster.remove("shop", "a", "u-a");
        pod("c");
        api.push(agent);
        api.push(agent);
        try (OpenWatch watch = watch("&resourceVersion=" + revision)) {
            assertThat(watch.nextNames(3)).containsExactly("ADDED c", "DELETED a", "MODIFIED b");
            assertThat(watch.isQuiet()).isTrue();
        }
    }

    @Test
    void whatCameAndWentMeanwhileIsNotTold() throws Exception {
        String revision = revision();
        pod("c");
        api.push(agent);
        api.cluster.remove("shop", "c", "u-c");
        try (OpenWatch watch = watch("&resourceVersion=" + revision)) {
            assertThat(watch.nextNames(2)).containsExactly("MODIFIED a", "MODIFIED b");
            assertThat(watch.isQuiet()).isTrue();
        }
    }

    @Test
    void aSuccessorOfTheSameNameIsAnotherObject() throws Exception {
        String revision = revision();
        api.cluster.pod("shop", "a", "u-a2", "n1", Map.of());
        agent.start("shop", "a", "u-a2", "app");
        api.push(agent);
        try (OpenWatch watch = watch("&fieldSelector=metadata.name%3Da&resourceVersion=" + revision)) {
            JsonNode first = watch.next();
            JsonNode second = watch.next();
            assertThat(first.at("/type").asString()
                            + first.at("/object/metadata/uid").asString())
                    .isEqualTo("DELETEDu-a");
            assertThat(second.at("/type").asString()
                            + second.at("/object/metadata/uid").asString())
                    .isEqualTo("ADDEDu-a2");
        }
    }

    @Test
    void whoStopsBeingSelectedIsDeletedAndTheOtherWayRound() throws Exception {
        try (OpenWatch watch = watch("&labelSelector=app%3Da")) {
            assertThat(watch.nextName()).isEqualTo("ADDED a");
            api.cluster.pod("shop", "a", "u-a", "n1", Map.of("app", "x"));
            assertThat(watch.nextName()).isEqualTo("DELETED a");
            api.cluster.pod("shop", "b", "u-b", "n1", Map.of("app", "a"));
            assertThat(watch.nextName()).isEqualTo("ADDED b");
        }
    }

    @Test
    void aSilentNodeTakesItsPodsItsWorkloadsAndItselfOut() throws Exception {
        api.cluster.node("n1", Map.of());
        api.push(agent);
        try (OpenWatch pods = watch("&resourceVersion=" + revision());
                OpenWatch nodes = new OpenWatch(api.address() + BASE + "/nodes?watch=1");
                OpenWatch workloads = new OpenWatch(api.address() + BASE + "/workloads?watch=1")) {
            assertThat(nodes.nextName()).isEqualTo("ADDED n1");
            assertThat(workloads.nextNames(2)).containsExactly("ADDED pod.a", "ADDED pod.b");
            api.clock.advance(Duration.ofSeconds(21));
            assertThat(pods.nextNames(2)).containsExactly("DELETED a", "DELETED b");
            assertThat(nodes.nextName()).isEqualTo("DELETED n1");
            assertThat(workloads.nextNames(2)).containsExactly("DELETED pod.a", "DELETED pod.b");
            api.push(agent);
            assertThat(pods.nextNames(2)).containsExactly("ADDED a", "ADDED b");
            assertThat(nodes.nextName()).isEqualTo("ADDED n1");
        }
    }

    @Test
    void theEndOfTheInitialEventsIsMarkedForWhoTakesBookmarks() throws Exception {
        String initial = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
        try (OpenWatch watch = watch(initial + "&allowWatchBookmarks=true&timeoutSeconds=1")) {
            assertThat(watch.nextNames(2)).containsExactly("ADDED a", "ADDED b");
            JsonNode bookmark = watch.next();
            assertThat(bookmark.toString())
                    .matches("\\{\"type\":\"BOOKMARK\",\"object\":\\{\"kind\":\"PodKernelMetrics\","
                            + "\"apiVersion\":\"kernelmetrics.kpod.io/v1beta1\",\"metadata\":\\{\"resourceVersion\":\"\\d+\","
                            + "\"annotations\":\\{\"k8s.io/initial-events-end\":\"true\"}}}}");
            JsonNode last = watch.next();
            assertThat(last.at("/type").asString()).isEqualTo("BOOKMARK");
            assertThat(last.at("/object/metadata/annotations").isMissingNode()).isTrue();
            assertThat(watch.nextName()).isEqualTo("END ");
        }
        try (OpenWatch watch = watch(initial + "&timeoutSeconds=1")) {
            assertThat(watch.nextNames(2)).containsExactly("ADDED a", "ADDED b");
            assertThat(watch.nextName()).isEqualTo("END ");
        }
        try (OpenWatch watch = watch("&sendInitialEvents=false&resourceVersionMatch=NotOlderThan")) {
            assertThat(watch.isQuiet()).isTrue();
            api.push(agent);
            assertThat(watch.nextNames(2)).containsExactly("MODIFIED a", "MODIFIED b");
        }
    }

    @Test
    void whatIsTooOldIsGone() throws Exception {
        String nodes = BASE + "/nodes";
        api.cluster.node("n1", Map.of());
        api.push(agent);
        String revision = api.json(nodes).at("/metadata/resourceVersion").asString();
        for (int i = 0; i < 16_500; i++) {
            api.cluster.node("n1", Map.of("i", Integer.toString(i)));
        }
        for (String old : List.of("1", revision)) {
            try (OpenWatch watch = new OpenWatch(api.address() + nodes + "?watch=1&resourceVersion=" + old)) {
                assertThat(watch.code()).isEqualTo(200);
                JsonNode event = watch.next();
                assertThat(event.at("/type").asString()).isEqualTo("ERROR");
                assertThat(event.at("/object/kind").asString()).isEqualTo("Status");
                assertThat(event.at("/object/reason").asString()).isEqualTo("Expired");
                assertThat(event.at("/object/code").asInt()).isEqualTo(410);
                assertThat(event.at("/object/message").asString())
                        .startsWith("too old resource version: " + old + " (");
                assertThat(watch.nextName()).isEqualTo("END ");
            }
        }
    }

    @Test
    void theRevisionOfAnotherReplicaCountsFromSomeSecondsBefore() throws Exception {
        for (int i = 0; i < 4; i++) {
            api.push(agent);
        }
        long own = Long.parseLong(revision());
        api.push(agent);
        try (OpenWatch watch = watch("&resourceVersion=" + (own ^ 1))) {
            assertThat(watch.nextNames(2)).containsExactly("MODIFIED a", "MODIFIED b");
        }
        // a year ahead
        long future = own + (365L * 24 * 3600 * 1000 << 22);
        try (OpenWatch watch = watch("&resourceVersion=" + future)) {
            assertThat(watch.next().at("/object/reason").asString()).isEqualTo("Expired");
        }
        JsonNode list = api.json(PODS + "?resourceVersion=" + future);
        assertThat(list.at("/code").asInt()).isEqualTo(504);
        assertThat(list.at("/details/causes/0/reason").asString()).isEqualTo("ResourceVersionTooLarge");
    }

    @Test
    void tablesHaveTheirHeadingsOnce() throws Exception {
        try (OpenWatch watch = watch("&allowWatchBookmarks=true", "Accept", TABLE)) {
            JsonNode first = watch.next();
            assertThat(first.at("/object/kind").asString()).isEqualTo("Table");
            assertThat(first.at("/object/columnDefinitions/0/name").asString()).isEqualTo("Name");
            assertThat(first.at("/object/rows/0/cells/0").asString()).isEqualTo("a");
            assertThat(first.at("/object/rows/0/object/kind").asString()).isEqualTo("PartialObjectMetadata");
            assertThat(first.at("/object/metadata/resourceVersion").asString())
                    .isEqualTo(first.at("/object/rows/0/object/metadata/resourceVersion")
                            .asString());
            assertThat(watch.next().at("/object/columnDefinitions")).isEmpty();
            JsonNode bookmark = watch.next();
            assertThat(bookmark.at("/object/rows/0/object/metadata/annotations").toString())
                    .contains("initial-events-end");
        }
        try (OpenWatch watch =
                watch("", "Accept", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io;stream=watch")) {
            assertThat(watch.next().at("/object/kind").asString()).isEqualTo("PartialObjectMetadata");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "watch=1&sendInitialEvents=true | ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
                "watch=1&resourceVersionMatch=NotOlderThan&resourceVersion=0 | ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
                "sendInitialEvents=true | ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list",
                "resourceVersionMatch=Exact | ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
                "resourceVersionMatch=Exact&resourceVersion=0 | ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"",
                "resourceVersionMatch=Best&resourceVersion=1 | ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value: \"Best\": supported values: \"Exact\", \"NotOlderThan\"",
            })
    void optionsThatDontGoTogetherAreNamed(String query, String message) throws Exception {
        JsonNode status = api.json(PODS + "?" + query);
        assertThat(status.at("/code").asInt()).isEqualTo(422);
        assertThat(status.at("/message").asString()).isEqualTo(message);
    }

    @Test
    void oneUserHasOnlySoMany() throws Exception {
        List<OpenWatch> open = new ArrayList<>();
        for (int i = 0; i < TestApi.WATCHES_PER_USER; i++) {
            open.add(watch(""));
            assertThat(open.getLast().code()).isEqualTo(200);
        }
        try (OpenWatch oneMore = watch("")) {
            assertThat(oneMore.code()).isEqualTo(429);
        }
        open.forEach(OpenWatch::close);
    }

    @Test
    void aWorkloadIsTakenOutWithItsLastPod() throws Exception {
        Owner set = new Owner("ReplicaSet", "shop", "web-1");
        Owner web = new Owner("Deployment", "shop", "web");
        api.cluster.controller(set, web).workload(web, "u-web", Map.of("app", "web"));
        for (String name : List.of("web-1-x", "web-1-y")) {
            api.cluster.pod("shop", name, "u-" + name, "n1", "Running", Map.of(), set);
            agent.start("shop", name, "u-" + name, "app");
        }
        api.push(agent);
        String selected = "/namespaces/shop/workloads?watch=1&labelSelector=app%3Dweb";
        try (OpenWatch watch = new OpenWatch(api.address() + BASE + selected)) {
            JsonNode added = watch.next();
            assertThat(added.at("/object/metadata/name").asString()).isEqualTo("deployment.web");
            assertThat(added.at("/object/metadata/uid").asString()).isEqualTo("u-web");
            assertThat(added.at("/object/pods").toString()).isEqualTo("{\"all\":2,\"measured\":2}");
            api.cluster.remove("shop", "web-1-x", "u-web-1-x");
            JsonNode smaller = watch.next();
            assertThat(smaller.at("/type").asString()).isEqualTo("MODIFIED");
            assertThat(smaller.at("/object/pods").toString()).isEqualTo("{\"all\":1,\"measured\":1}");
            api.cluster.workload(web, "u-web", Map.of("app", "other"));
            assertThat(watch.nextName()).isEqualTo("DELETED deployment.web");
            api.cluster.workload(web, "u-web", Map.of("app", "web"));
            assertThat(watch.nextName()).isEqualTo("ADDED deployment.web");
            api.cluster.remove("shop", "web-1-y", "u-web-1-y");
            assertThat(watch.nextName()).isEqualTo("DELETED deployment.web");
        }
    }

    /** A client that is cut off after any event and goes on from that event's revision ends up with what a list says. */
    @Test
    void whoIsCutOffAndGoesOnKnowsWhatAListSays() throws Exception {
        Random random = new Random(20261125);
        Map<String, String> known = new TreeMap<>();
        JsonNode list = api.json(PODS);
        list.at("/items").forEach(item -> known.put(name(item), label(item)));
        String revision = list.at("/metadata/resourceVersion").asString();
        for (int round = 0; round < 25; round++) {
            for (int change = random.nextInt(6); change > 0; change--) {
                String name = "p" + random.nextInt(5);
                switch (random.nextInt(4)) {
                    case 0 -> api.cluster.remove("shop", name, "u-" + name);
                    case 1 -> api.cluster.pod("shop", name, "u-" + name, "n1", Map.of("app", "v" + random.nextInt(3)));
                    case 2 -> agent.start("shop", name, "u-" + name, "app");
                    default -> api.push(agent);
                }
            }
            try (OpenWatch watch = watch("&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=" + revision)) {
                int cutAfter = random.nextInt(8);
                for (int i = 0; i < cutAfter; i++) {
                    JsonNode event = watch.next();
                    if (event.at("/type").asString().equals("END")) {
                        break;
                    }
                    JsonNode object = event.at("/object");
                    switch (event.at("/type").asString()) {
                        case "DELETED" -> known.remove(name(object));
                        case "BOOKMARK" -> {}
                        default -> known.put(name(object), label(object));
                    }
                    revision = object.at("/metadata/resourceVersion").asString();
                }
            }
        }
        try (OpenWatch watch = watch("&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=" + revision)) {
            for (JsonNode event = watch.next();
                    !event.at("/type").asString().equals("BOOKMARK");
                    event = watch.next()) {
                if (event.at("/type").asString().equals("DELETED")) {
                    known.remove(name(event.at("/object")));
                } else {
                    known.put(name(event.at("/object")), label(event.at("/object")));
                }
            }
        }
        Map<String, String> listed = new TreeMap<>();
        api.json(PODS).at("/items").forEach(item -> listed.put(name(item), label(item)));
        assertThat(known).isEqualTo(listed).hasSizeGreaterThan(2);
    }

    private static String name(JsonNode object) {
        return object.at("/metadata/name").asString();
    }

    private static String label(JsonNode object) {
        return object.at("/metadata/labels/app").asString("");
    }
}
