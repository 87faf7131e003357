package io.kpod.apiserver.kernelmetrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.TestApi;
import io.kpod.apiserver.window.TestAgent;
import io.kpod.summary.Catalogue;
import io.kpod.summary.wire.CollectorReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class NodesResourceTest {
    private static final String NODES = "/apis/kernelmetrics.kpod.io/v1beta1/nodes";

    private final TestApi api = new TestApi();
    private final TestAgent first = new TestAgent("n1")
            .collectors(new CollectorReport("cpu", true, "tp_btf"), new CollectorReport("tcp", false, "no BTF"))
            .overflowed(3);
    private final TestAgent second = new TestAgent("n2");

    @BeforeEach
    void twoOfThreeNodesAreMeasured() {
        api.cluster
                .node("n1", Map.of("zone", "a"))
                .node("n2", Map.of("zone", "b"))
                .node("n3", Map.of("zone", "b"));
        TestAgent.Container web = first.start("shop", "web", "u1", "app");
        TestAgent.Container other = first.start("shop", "other", "u2", "app");
        TestAgent.Container rest = first.startRestOfNode();
        second.start("shop", "far", "u3", "app");
        push();
        web.count(500, 0, 0, 0, 1_000_000, 1_000_000).gauge(Catalogue.MEM_RSS_BYTES, "", 1 << 20);
        web.gauge(Catalogue.FS_USAGE_BYTES, "/data", 4096);
        other.count(250, 0, 0, 0, 1_000_000).gauge(Catalogue.MEM_RSS_BYTES, "", 2 << 20);
        other.add(Catalogue.DISK_READ_BYTES, "sda", 5 << 20);
        rest.count(50, 0, 0, 0, 1_000_000).add(Catalogue.DISK_READ_BYTES, "sda", 5 << 20);
        push();
    }

    private void push() {
        api.clock.advance(TestApi.PUSH);
        first.push(api.presence, TestApi.PUSH);
        second.push(api.presence, TestApi.PUSH);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void aNodeIsAllThatItsContainersDidAndTheRest() throws Exception {
        JsonNode node = api.json(NODES + "/n1");
        assertThat(node.at("/kind").asString()).isEqualTo("NodeKernelMetrics");
        assertThat(node.at("/metadata")
                        .toString()
                        .replaceAll("\"resourceVersion\":\"\\d+\"", "\"resourceVersion\":\"4\""))
                .isEqualTo(
                        "{\"name\":\"n1\",\"uid\":\"uid-n1\",\"resourceVersion\":\"4\",\"creationTimestamp\":\"2026-11-24T12:00:00Z\","
                                + "\"labels\":{\"zone\":\"a\"}}");
        assertThat(node.at("/window").asString()).isEqualTo("5s");
        assertThat(node.at("/total/cpu/contextSwitches").toString()).isEqualTo("{\"total\":800,\"rate\":\"160\"}");
        assertThat(node.at("/total/cpu/runQueueLatency/count").asInt()).isEqualTo(4);
        assertThat(node.at("/total/memory/rss").asString()).isEqualTo("3Mi");
        assertThat(node.at("/total/disks/0/readBytes/rate").asString()).isEqualTo("2097152");
        assertThat(node.at("/total/filesystems").isMissingNode()).isTrue();
        assertThat(node.at("/collectors").toString())
                .isEqualTo(
                        "[{\"name\":\"cpu\",\"running\":true,\"reason\":\"tp_btf\"},{\"name\":\"tcp\",\"running\":false,\"reason\":\"no BTF\"}]");
        assertThat(node.at("/overflowedContainers").asInt()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                | n1 n2",
                "?labelSelector=zone%3Db           | n2",
                "?fieldSelector=metadata.name%3Dn1 | n1",
                "?limit=1                          | n1",
            })
    void nodesWithoutDataAreLeftOutOfLists(String query, String expected) throws Exception {
        List<String> names = new ArrayList<>();
        api.json(NODES + query)
                .at("/items")
                .forEach(item -> names.add(item.at("/metadata/name").asString()));
        assertThat(String.join(" ", names)).isEqualTo(expected);
    }

    @Test
    void pagesFollowEachOther() throws Exception {
        String next = api.json(NODES + "?limit=1").at("/metadata/continue").asString();
        JsonNode page = api.json(NODES + "?limit=1&continue=" + next);
        assertThat(page.at("/items/0/metadata/name").asString()).isEqualTo("n2");
        assertThat(page.at("/metadata/continue").isMissingNode()).isTrue();
    }

    @Test
    void aFieldThatNodesHaveNotIsRefused() throws Exception {
        assertThat(api.json(NODES + "?fieldSelector=spec.nodeName%3Dn1")
                        .at("/message")
                        .asString())
                .isEqualTo("field label not supported: spec.nodeName; supported are metadata.name");
    }

    @Test
    void whoIsAbsentIsToldWhy() throws Exception {
        assertThat(api.json(NODES + "/n3").at("/message").asString())
                .isEqualTo(
                        "nodes.kernelmetrics.kpod.io \"n3\" not found: no agent has been heard from it since this server started 10s ago");
        assertThat(api.json(NODES + "/n4").at("/details/causes/0/reason").asString())
                .isEqualTo("NodeUnknown");
        api.clock.advance(Duration.ofSeconds(30));
        assertThat(api.json(NODES + "/n1").at("/details/causes/0/message").asString())
                .isEqualTo("its agent was last heard 30s ago");
        assertThat(api.json(NODES).at("/items")).isEmpty();
    }

    @Test
    void kubectlGetsATable() throws Exception {
        JsonNode table = api.json(NODES, "Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
        assertThat(table.at("/rows/0/cells").toString())
                .isEqualTo(
                        "[\"n1\",\"1.1ms\",\"160\",\"-\",\"-\",\"-\",\"-\",\"-\",\"-\",\"0s\",\"1ms\",\"-\",\"-\",\"2Mi\",\"-\",\"5s\"]");
    }

    @Test
    void discoveryKnowsThemByTheirShortName() throws Exception {
        JsonNode resources = api.json("/apis/kernelmetrics.kpod.io/v1beta1");
        assertThat(resources.at("/resources/2").toString())
                .isEqualTo(
                        "{\"name\":\"nodes\",\"singularName\":\"nodekernelmetrics\",\"namespaced\":false,\"kind\":\"NodeKernelMetrics\","
                                + "\"verbs\":[\"get\",\"list\",\"watch\"],\"shortNames\":[\"nkm\"],\"categories\":[\"kpod\"]}");
    }
}
