package io.kpod.apiserver.kernelmetrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.TestApi;
import io.kpod.apiserver.inventory.Owner;
import io.kpod.apiserver.window.TestAgent;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

class PodsResourceTest {
    private static final String BASE = "/apis/kernelmetrics.kpod.io/v1beta1";
    private static final String TABLE =
            "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

    private final TestApi api = new TestApi();
    private final TestAgent agent = new TestAgent("n1");

    @AfterEach
    void stop() {
        api.close();
    }

    private void checkoutIsMeasured() {
        Owner set = new Owner("ReplicaSet", "shop", "checkout-7d9f");
        api.cluster
                .pod("shop", "checkout-7d9f-x", "u1", "n1", "Running", Map.of("app", "checkout"), set)
                .controller(set, new Owner("Deployment", "shop", "checkout"));
        TestAgent.Container app =
                agent.start("shop", "checkout-7d9f-x", "u1", "app").count(900_000, 5, 6, 7, 1000);
        TestAgent.Container sidecar = agent.start("shop", "checkout-7d9f-x", "u1", "sidecar");
        api.push(agent);
        app.count(12_334, 1, 2, 3, 1_000_000, 1_000_000, 1_000_000, 1_000_000);
        sidecar.count(5, 0, 0, 0);
        api.push(agent);
    }

    @Test
    void onePodInFull() throws Exception {
        checkoutIsMeasured();
        HttpResponse<String> answer = api.get(BASE + "/namespaces/shop/pods/checkout-7d9f-x");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        String body = answer.body().replaceAll("\"resourceVersion\":\"\\d+\"", "\"resourceVersion\":\"2\"");
        assertThat(body)
                .startsWith(
                        "{\"kind\":\"PodKernelMetrics\",\"apiVersion\":\"kernelmetrics.kpod.io/v1beta1\",\"metadata\":{"
                                + "\"name\":\"checkout-7d9f-x\",\"namespace\":\"shop\",\"uid\":\"u1\",\"resourceVersion\":\"2\","
                                + "\"creationTimestamp\":\"2026-11-24T12:00:00Z\",\"labels\":{\"app\":\"checkout\"}},"
                                + "\"nodeName\":\"n1\",\"timestamp\":\"2026-11-24T13:00:05Z\",\"window\":\"5s\","
                                + "\"workload\":{\"kind\":\"Deployment\",\"name\":\"checkout\"},"
                                + "\"total\":{\"startedAt\":\"2025-11-24T16:00:00Z\",\"cpu\":{\"runQueueLatency\":{\"count\":4,\"mean\":\"1m\",");
        assertThat(body)
                .contains("\"contextSwitches\":{\"total\":912339,\"rate\":\"2467800m\"}")
                .contains(
                        "\"preemptions\":{\"self\":{\"total\":6,\"rate\":\"200m\"},\"container\":{\"total\":8,\"rate\":\"400m\"},"
                                + "\"host\":{\"total\":10,\"rate\":\"600m\"}}")
                .contains("\"containers\":[{\"name\":\"app\",\"startedAt\"")
                .contains(
                        "{\"name\":\"sidecar\",\"startedAt\":\"2025-11-24T16:00:00Z\",\"cpu\":{\"runQueueLatency\":{\"count\":0},"
                                + "\"contextSwitches\":{\"total\":5,\"rate\":\"1\"}")
                .endsWith("}]}")
                .doesNotContain("null")
                .doesNotContain("age");
    }

    private JsonNode webWithEverySignal() throws Exception {
        api.cluster.pod("shop", "web", "u1", "n1", Map.of());
        TestAgent.Container app = agent.start("shop", "web", "u1", "app");
        TestAgent.Container sidecar = agent.start("shop", "web", "u1", "sidecar");
        TestAgent.Container pod = agent.startPod("shop", "web", "u1");
        TestAgent.Container rest = agent.startRestOfNode();
        api.push(agent);
        Map<String, String> labels = Map.of(
                "by",
                "host",
                "syscall",
                "read",
                "device",
                "sda",
                "mountpoint",
                "/data",
                "operation",
                "write",
                "interface",
                "eth0");
        app.everySignal(labels::get, metric -> !metric.collector().equals("iface"));
        sidecar.everySignal(labels::get, metric -> metric.collector().equals("disk"));
        sidecar.add(Catalogue.DISK_READS, "sdb", 5);
        pod.everySignal(labels::get, metric -> metric.collector().equals("iface"));
        rest.everySignal(labels::get, metric -> true);
        api.push(agent);
        return api.json(BASE + "/namespaces/shop/pods/web");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/containers/0/name | `\"app\"`",
                "/containers/0/cpu/runQueueLatency/count | 1",
                "/containers/0/cpu/contextSwitches | {\"total\":10,\"rate\":\"2\"}",
                "/containers/0/cpu/preemptions/host | {\"total\":15,\"rate\":\"3\"}",
                "/containers/0/cpu/usage | {\"total\":\"155m\",\"rate\":\"31m\"}",
                "/containers/0/cpu/throttled | {\"periods\":165,\"ofPeriods\":160,\"total\":\"170m\",\"rate\":\"34m\"}",
                "/containers/0/tcp/bytesSent | {\"total\":20,\"rate\":\"4\"}",
                "/containers/0/tcp/bytesReceived | {\"total\":25,\"rate\":\"5\"}",
                "/containers/0/tcp/retransmits | {\"total\":30,\"rate\":\"6\"}",
                "/containers/0/tcp/connections | {\"total\":35,\"rate\":\"7\"}",
                "/containers/0/tcp/rtt/count | 8",
                "/containers/0/tcp/rtt/mean | `\"1m\"`",
                "/containers/0/tcp/listenDrops | {\"total\":45,\"rate\":\"9\"}",
                "/containers/0/tcp/connectLatency/count | 10",
                "/containers/0/memory/oomKills | {\"total\":55,\"increase\":55}",
                "/containers/0/memory/majorPageFaults | {\"total\":60,\"rate\":\"12\"}",
                "/containers/0/memory/workingSet | `\"41Mi\"`",
                "/containers/0/memory/rss | `\"42Mi\"`",
                "/containers/0/memory/limit | `\"43Mi\"`",
                "/containers/0/syscalls/0/name | `\"read\"`",
                "/containers/0/syscalls/0/count | {\"total\":65,\"rate\":\"13\"}",
                "/containers/0/syscalls/0/errors | {\"total\":70,\"rate\":\"14\"}",
                "/containers/0/syscalls/0/latency/count | 15",
                "/containers/0/syscalls/1 | ``",
                "/containers/0/disks/0/device | `\"sda\"`",
                "/containers/0/disks/0/readBytes | {\"total\":80,\"rate\":\"16\"}",
                "/containers/0/disks/0/writtenBytes | {\"total\":85,\"rate\":\"17\"}",
                "/containers/0/disks/0/reads | {\"total\":90,\"rate\":\"18\"}",
                "/containers/0/disks/0/writes | {\"total\":95,\"rate\":\"19\"}",
                "/containers/0/disks/0/ioLatency/0/operation | `\"write\"`",
                "/containers/0/disks/0/ioLatency/0/latency/count | 44",
                "/containers/0/filesystems | [{\"mountpoint\":\"/data\",\"capacity\":\"28Mi\",\"usage\":\"29Mi\",\"available\":\"30Mi\"}]",
                "/containers/0/pressure/cpu/some | {\"total\":\"175m\",\"rate\":\"35m\"}",
                "/containers/0/pressure/cpu/full | {\"total\":\"180m\",\"rate\":\"36m\"}",
                "/containers/0/pressure/memory/some | {\"total\":\"185m\",\"rate\":\"37m\"}",
                "/containers/0/pressure/memory/full | {\"total\":\"190m\",\"rate\":\"38m\"}",
                "/containers/0/pressure/io/some | {\"total\":\"195m\",\"rate\":\"39m\"}",
                "/containers/0/pressure/io/full | {\"total\":\"200m\",\"rate\":\"40m\"}",
                "/containers/1/name | `\"sidecar\"`",
                "/containers/1/tcp | ``",
                "/containers/1/disks/1 | {\"device\":\"sdb\",\"reads\":{\"total\":5,\"rate\":\"1\"}}",
                "/containers/2 | ``",
                "/total/disks/0/reads | {\"total\":180,\"rate\":\"36\"}",
                "/total/disks/1/reads | {\"total\":5,\"rate\":\"1\"}",
                "/total/tcp/bytesSent | {\"total\":20,\"rate\":\"4\"}",
                "/interfaces/0/interface | `\"eth0\"`",
                "/interfaces/0/rx | {\"bytes\":{\"total\":100,\"rate\":\"20\"},\"packets\":{\"total\":105,\"rate\":\"21\"},\"errors\":{\"total\":110,\"rate\":\"22\"},\"drops\":{\"total\":115,\"rate\":\"23\"}}",
                "/interfaces/0/tx | {\"bytes\":{\"total\":120,\"rate\":\"24\"},\"packets\":{\"total\":125,\"rate\":\"25\"},\"errors\":{\"total\":130,\"rate\":\"26\"},\"drops\":{\"total\":135,\"rate\":\"27\"}}",
                "/interfaces/1 | ``",
            })
    void everySignalStandsInItsPlace(String pointer, String expected) throws Exception {
        JsonNode at = webWithEverySignal().at(pointer);
        assertThat(at.isMissingNode() ? "" : at.toString()).isEqualTo(expected);
    }

    @Test
    void noMetricOfTheCatalogueIsForgotten() throws Exception {
        for (Metric metric : Catalogue.METRICS) {
            String pod = "of-" + metric.wireNumber();
            api.cluster.pod("all", pod, pod, "n1", Map.of());
            TestAgent alone = new TestAgent("n1");
            TestAgent.Container container = metric.collector().equals("iface")
                    ? alone.startPod("all", pod, pod)
                    : alone.start("all", pod, pod, "app");
            api.push(alone);
            String before = content(pod);
            container.everySignal(label -> label.equals("by") ? "self" : label, metric::equals);
            api.push(alone);
            assertThat(content(pod))
                    .as(metric.name() + " needs a field in PodKernelMetrics")
                    .isNotEqualTo(before);
        }
    }

    /** The numbers of a pod, but for what time alone changes. */
    private String content(String pod) throws Exception {
        JsonNode object = api.json(BASE + "/namespaces/all/pods/" + pod);
        return (object.at("/total") + object.at("/interfaces").toString())
                .replaceAll("\"(rate|count|increase)\":[^,}]*", "");
    }

    @Test
    void theRestOfTheNodeIsNoPod() throws Exception {
        webWithEverySignal();
        assertThat(names("/pods")).containsExactly("web");
        assertThat(api.store.pods()).hasSize(1);
    }

    @Test
    void afterTheFirstSummaryThereAreTotalsAndNoRates() throws Exception {
        api.cluster.pod("shop", "a", "u1", "n1", Map.of());
        agent.start("shop", "a", "u1", "app").count(17, 0, 0, 0, 1000);
        api.push(agent);
        JsonNode pod = api.json(BASE + "/namespaces/shop/pods/a");
        assertThat(pod.at("/total/cpu/contextSwitches").toString()).isEqualTo("{\"total\":17}");
        assertThat(pod.at("/total/cpu/runQueueLatency").isMissingNode()).isTrue();
        assertThat(pod.at("/window").asString()).isEqualTo("0s");
    }

    @Test
    void kubectlGetsATable() throws Exception {
        checkoutIsMeasured();
        api.clock.advance(Duration.ofSeconds(3));
        JsonNode table = api.json(BASE + "/namespaces/shop/pods?limit=500", "Accept", TABLE);
        assertThat(table.at("/kind").asString()).isEqualTo("Table");
        assertThat(table.at("/apiVersion").asString()).isEqualTo("meta.k8s.io/v1");
        List<String> names = new ArrayList<>();
        List<Integer> priorities = new ArrayList<>();
        table.at("/columnDefinitions").forEach(column -> {
            names.add(column.at("/name").asString());
            priorities.add(column.at("/priority").asInt());
            assertThat(column.at("/description").asString()).isNotBlank();
        });
        assertThat(names)
                .containsExactly(
                        "Name",
                        "RunQ-P99",
                        "CtxSw/s",
                        "TX/s",
                        "RX/s",
                        "Retrans/s",
                        "RTT-P99",
                        "MajFlt/s",
                        "OOM",
                        "Age",
                        "Node",
                        "Workload",
                        "RunQ-P50",
                        "Throttled",
                        "CPU-Pressure",
                        "Disk-R/s",
                        "Disk-W/s",
                        "Window");
        assertThat(priorities).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
        assertThat(table.at("/rows/0/cells").toString())
                .isEqualTo(
                        "[\"checkout-7d9f-x\",\"1.1ms\",\"2.5k\",\"-\",\"-\",\"-\",\"-\",\"-\",\"-\",\"3s\",\"n1\",\"deployment.checkout\","
                                + "\"1ms\",\"-\",\"-\",\"-\",\"-\",\"5s\"]");
        assertThat(table.at("/rows/0/object/kind").asString()).isEqualTo("PartialObjectMetadata");
        assertThat(table.at("/rows/0/object/metadata/namespace").asString()).isEqualTo("shop");
        JsonNode full = api.json(BASE + "/pods?includeObject=Object", "Accept", TABLE);
        assertThat(full.at("/rows/0/object/kind").asString()).isEqualTo("PodKernelMetrics");
        JsonNode bare = api.json(BASE + "/pods?includeObject=None", "Accept", TABLE);
        assertThat(bare.at("/rows/0/object").isMissingNode()).isTrue();
        JsonNode beta = api.json(
                BASE + "/namespaces/shop/pods/checkout-7d9f-x",
                "Accept",
                "application/json;as=Table;v=v1beta1;g=meta.k8s.io");
        assertThat(beta.at("/apiVersion").asString()).isEqualTo("meta.k8s.io/v1beta1");
    }

    /** A table without objects decodes what its columns show and nothing else. */
    @Test
    void aTableShowsTheSameWithObjectsAndWithout() throws Exception {
        webWithEverySignal();
        JsonNode whole = api.json(BASE + "/pods?includeObject=Object", "Accept", TABLE);
        for (String include : List.of("None", "Metadata")) {
            JsonNode table = api.json(BASE + "/pods?includeObject=" + include, "Accept", TABLE);
            assertThat(table.at("/rows/0/cells")).isEqualTo(whole.at("/rows/0/cells"));
        }
        assertThat(whole.at("/rows/0/cells"))
                .hasSize(18)
                .noneMatch(cell -> cell.asString().equals("-"));
    }

    @Test
    void metadataAloneIsServedToo() throws Exception {
        checkoutIsMeasured();
        JsonNode list =
                api.json(BASE + "/pods", "Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        assertThat(list.at("/kind").asString()).isEqualTo("PartialObjectMetadataList");
        assertThat(list.at("/items/0/metadata/labels/app").asString()).isEqualTo("checkout");
        assertThat(list.at("/items/0/total").isMissingNode()).isTrue();
    }

    private void fivePods() {
        for (int i = 0; i < 5; i++) {
            String namespace = i < 2 ? "a" : "b";
            api.cluster.pod(namespace, "p" + i, "u" + i, "n1", Map.of("app", i % 2 == 0 ? "even" : "odd", "i", "" + i));
            agent.start(namespace, "p" + i, "u" + i, "app");
        }
        api.push(agent);
        api.push(agent);
    }

    private List<String> names(String pathAndQuery) throws Exception {
        List<String> names = new ArrayList<>();
        api.json(BASE + pathAndQuery)
                .at("/items")
                .forEach(item -> names.add(item.at("/metadata/name").asString()));
        return names;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/pods                                                              | p0 p1 p2 p3 p4",
                "/namespaces/a/pods                                                 | p0 p1",
                "/namespaces/none/pods                                              | ''",
                "/pods?labelSelector=app%3Deven                                     | p0 p2 p4",
                "/pods?labelSelector=app%20in%20(odd),i%3E1                         | p3",
                "/namespaces/b/pods?labelSelector=%21app                            | ''",
                "/pods?fieldSelector=metadata.name%3Dp3                             | p3",
                "/pods?fieldSelector=metadata.namespace%3Db,metadata.name%3Dp3      | p3",
                "/pods?fieldSelector=metadata.namespace%21%3Db                      | p0 p1",
                "/namespaces/a/pods?fieldSelector=metadata.name%3Dp3                | ''",
                "/namespaces/a/pods?fieldSelector=metadata.namespace%3Db            | ''",
                "/pods?fieldSelector=spec.nodeName%3Dn1                             | p0 p1 p2 p3 p4",
                "/pods?fieldSelector=spec.nodeName%3Dn2                             | ''",
                "/pods?unknown=x&resourceVersion=0&resourceVersionMatch=NotOlderThan&timeoutSeconds=5 | p0 p1 p2 p3 p4",
            })
    void selectorsChoose(String pathAndQuery, String expected) throws Exception {
        fivePods();
        assertThat(String.join(" ", names(pathAndQuery))).isEqualTo(expected);
    }

    @Test
    void pagesFollowEachOtherWithoutGapOrOverlap() throws Exception {
        fivePods();
        List<String> all = new ArrayList<>();
        String query = "/pods?limit=2";
        int pages = 0;
        for (String next = ""; pages == 0 || !next.isEmpty(); pages++) {
            JsonNode page = api.json(BASE + query + (next.isEmpty() ? "" : "&continue=" + next));
            page.at("/items").forEach(item -> all.add(item.at("/metadata/name").asString()));
            next = page.at("/metadata/continue").asString("");
        }
        assertThat(all).containsExactly("p0", "p1", "p2", "p3", "p4");
        assertThat(pages).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "labelSelector=a%3D(         | unable to parse requirement: found '(', expected: identifier",
                "fieldSelector=status.phase%3DRunning | field label not supported: status.phase; supported are metadata.name, metadata.namespace, spec.nodeName",
                "window=4s                   | window \"4s\" is not a duration from 5s to 5m, such as 30s or 1m30s",
                "window=6m                   | window \"6m\" is not a duration from 5s to 5m, such as 30s or 1m30s",
                "window=soon                 | window \"soon\" is not a duration from 5s to 5m, such as 30s or 1m30s",
                "limit=x                     | limit \"x\" is not a whole number",
                "continue=xyz                | continue key is not valid: it is not one that this server gave",
                "includeObject=All           | includeObject \"All\" is none of None, Metadata, Object",
            })
    void badOptionsAreNamed(String query, String message) throws Exception {
        HttpResponse<String> answer = api.get(BASE + "/pods?" + query);
        assertThat(answer.statusCode()).isEqualTo(400);
        JsonNode status = JsonMapper.shared().readTree(answer.body());
        assertThat(status.at("/reason").asString()).isEqualTo("BadRequest");
        assertThat(status.at("/message").asString()).isEqualTo(message);
    }

    @Test
    void protobufAloneIsNotAcceptable() throws Exception {
        assertThat(api.get(BASE + "/pods?watch=false").statusCode()).isEqualTo(200);
        assertThat(api.get(BASE + "/pods", "Accept", "application/vnd.kubernetes.protobuf")
                        .statusCode())
                .isEqualTo(406);
        assertThat(api.get(BASE + "/pods", "Accept", "application/vnd.kubernetes.protobuf, */*")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aLongerWindowReachesFurtherBack() throws Exception {
        api.cluster.pod("shop", "a", "u1", "n1", Map.of());
        TestAgent.Container app = agent.start("shop", "a", "u1", "app");
        api.push(agent);
        app.count(600, 0, 0, 0);
        for (int i = 0; i < 24; i++) {
            api.push(agent);
        }
        assertThat(rate("")).isEqualTo("0");
        assertThat(rate("?window=2m")).isEqualTo("5");
        assertThat(api.json(BASE + "/namespaces/shop/pods/a?window=2m")
                        .at("/window")
                        .asString())
                .isEqualTo("120s");
    }

    private String rate(String query) throws Exception {
        return api.json(BASE + "/namespaces/shop/pods/a" + query)
                .at("/total/cpu/contextSwitches/rate")
                .asString();
    }

    private void isAbsent(String path, String reason, String message) throws Exception {
        HttpResponse<String> answer = api.get(BASE + path);
        assertThat(answer.statusCode()).isEqualTo(404);
        JsonNode status = JsonMapper.shared().readTree(answer.body());
        String name = path.substring(path.lastIndexOf('/') + 1);
        assertThat(status.at("/details/causes/0/reason").asString()).isEqualTo(reason);
        assertThat(status.at("/details/causes/0/message").asString()).isEqualTo(message);
        assertThat(status.at("/message").asString())
                .isEqualTo("pods.kernelmetrics.kpod.io \"" + name + "\" not found: " + message);
        assertThat(status.at("/reason").asString()).isEqualTo("NotFound");
        assertThat(status.at("/details/name").asString()).isEqualTo(name);
        assertThat(status.at("/details/group").asString()).isEqualTo("kernelmetrics.kpod.io");
        assertThat(status.at("/details/kind").asString()).isEqualTo("pods");
        assertThat(status.at("/code").asInt()).isEqualTo(404);
    }

    @Test
    void whoIsAbsentIsToldWhy() throws Exception {
        isAbsent("/namespaces/shop/pods/none", "PodUnknown", "there is no pod shop/none");
    }

    @Test
    void aSilentAgentIsSaidToBeSilentAndItsPodsLeaveTheLists() throws Exception {
        checkoutIsMeasured();
        api.clock.advance(Duration.ofSeconds(42));
        isAbsent(
                "/namespaces/shop/pods/checkout-7d9f-x",
                "AgentSilent",
                "the agent on its node n1 was last heard 42s ago");
        assertThat(names("/pods")).isEmpty();
    }

    @Test
    void aPodOnAnotherNodeThanTheAgentThatSpeaksForItIsNotAnsweredFromThere() throws Exception {
        TestAgent liar = new TestAgent("n2");
        liar.start("shop", "a", "u1", "app").count(1, 0, 0, 0);
        api.cluster.pod("shop", "a", "u1", "n1", Map.of());
        api.push(liar);
        api.push(liar);
        isAbsent(
                "/namespaces/shop/pods/a",
                "NoAgentOnNode",
                "no agent has been heard from its node n1 since this server started 10s ago");
        assertThat(names("/pods")).isEmpty();
    }

    @Test
    void largeAnswersAreCompressedForThoseWhoTakeIt() throws Exception {
        for (int i = 0; i < 400; i++) {
            api.cluster.pod("big", "p" + i, "u" + i, "n1", Map.of());
            agent.start("big", "p" + i, "u" + i, "app").count(1, 1, 1, 1, 1000);
        }
        api.push(agent);
        api.push(agent);
        HttpRequest request = HttpRequest.newBuilder(URI.create(api.address() + BASE + "/pods"))
                .header("Accept-Encoding", "gzip")
                .build();
        HttpResponse<byte[]> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
        String plain = new String(
                new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes(), StandardCharsets.UTF_8);
        assertThat(plain)
                .hasSizeGreaterThan(128 * 1024)
                .isEqualTo(api.get(BASE + "/pods").body());
        assertThat(api.get(BASE + "/pods?limit=1", "Accept-Encoding", "gzip")
                        .headers()
                        .firstValue("Content-Encoding"))
                .isEmpty();
    }

    @Test
    void yamlSaysTheSameAsJson() throws Exception {
        checkoutIsMeasured();
        for (String path : List.of("/pods", "/namespaces/shop/pods/checkout-7d9f-x")) {
            HttpResponse<String> yaml = api.get(BASE + path, "Accept", "application/yaml, application/json");
            assertThat(yaml.headers().firstValue("Content-Type")).contains("application/yaml");
            assertThat(yaml.body()).startsWith("kind: \"PodKernelMetrics");
            assertThat(new YAMLMapper().readTree(yaml.body())).isEqualTo(api.json(BASE + path));
        }
        assertThat(api.get(BASE + "/pods?watch=1&timeoutSeconds=1", "Accept", "application/yaml")
                        .statusCode())
                .isEqualTo(406);
    }

    @Test
    void prettyIsForPeople() throws Exception {
        checkoutIsMeasured();
        assertThat(api.get(BASE + "/pods?pretty=true").body()).contains("\n  \"kind\"");
        assertThat(api.get(BASE + "/pods", "User-Agent", "curl/8.5.0").body()).contains("\n  \"kind\"");
        assertThat(api.get(BASE + "/pods").body()).doesNotContain("\n");
    }
}
