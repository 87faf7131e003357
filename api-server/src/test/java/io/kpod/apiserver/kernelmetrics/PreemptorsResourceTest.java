package io.kpod.apiserver.kernelmetrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.TestApi;
import io.kpod.apiserver.window.TestAgent;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.wire.CollectorReport;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class PreemptorsResourceTest {
    private static final String PATH = "/apis/kernelmetrics.kpod.io/v1beta1/namespaces/shop/pods/web/preemptors";
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    private final TestApi api = new TestApi();
    private final TestAgent agent = new TestAgent("n1");
    private final TestAgent.Container app = agent.start("shop", "web", "u1", "app");
    private final TestAgent.Container sidecar = agent.start("shop", "web", "u1", "sidecar");

    @AfterEach
    void stop() {
        api.close();
    }

    private static String who(String namespace, String pod, String container) {
        return String.join(Metric.LABEL_SEPARATOR, namespace, pod, container);
    }

    /** 200 in the window: 20 by itself, 130 by containers of which 110 are named, 50 by the host of which 40 are named. */
    private void webIsPreempted() {
        api.cluster.pod("shop", "web", "u1", "n1", Map.of("app", "web"));
        preempt(7);
        api.push(agent);
        preempt(1);
        api.push(agent);
    }

    private void preempt(int times) {
        app.count(10, 10L * times, 100L * times, 50L * times);
        sidecar.count(10, 10L * times, 30L * times, 0);
        app.add(Catalogue.CPU_PREEMPTORS, who("batch", "report-1", "sum"), 60L * times);
        sidecar.add(Catalogue.CPU_PREEMPTORS, who("batch", "report-1", "sum"), 10L * times);
        app.add(Catalogue.CPU_PREEMPTORS, who("shop", "web", "sidecar"), 15L * times);
        app.add(Catalogue.CPU_PREEMPTORS, who("hidden", "miner-1", "dig"), 15L * times);
        sidecar.add(Catalogue.CPU_PREEMPTORS, who("hidden", "miner-2", "dig"), 10L * times);
        app.add(Catalogue.CPU_PREEMPTORS, who("", "", "containerd.service"), 40L * times);
    }

    @Test
    void theHeaviestComesFirstAndAllAddUp() throws Exception {
        webIsPreempted();
        String body = api.get(PATH + "?window=5s").body();

        assertThat(body.replaceAll("\"resourceVersion\":\"\\d+\"", "\"resourceVersion\":\"2\""))
                .isEqualTo(
                        "{\"kind\":\"PodPreemptors\",\"apiVersion\":\"kernelmetrics.kpod.io/v1beta1\",\"metadata\":{\"name\":\"web\","
                                + "\"namespace\":\"shop\",\"uid\":\"u1\",\"resourceVersion\":\"2\",\"creationTimestamp\":\"2026-11-24T12:00:00Z\","
                                + "\"labels\":{\"app\":\"web\"}},\"nodeName\":\"n1\",\"timestamp\":\"2026-11-24T13:00:05Z\",\"window\":\"5s\","
                                + "\"count\":200,\"preemptors\":["
                                + "{\"kind\":\"Container\",\"namespace\":\"batch\",\"pod\":\"report-1\",\"container\":\"sum\",\"count\":70,\"share\":\"350m\"},"
                                + "{\"kind\":\"Service\",\"service\":\"containerd.service\",\"count\":40,\"share\":\"200m\"},"
                                + "{\"kind\":\"Self\",\"count\":20,\"share\":\"100m\"},"
                                + "{\"kind\":\"Other\",\"count\":20,\"share\":\"100m\"},"
                                + "{\"kind\":\"Container\",\"namespace\":\"hidden\",\"pod\":\"miner-1\",\"container\":\"dig\",\"count\":15,\"share\":\"75m\"},"
                                + "{\"kind\":\"Container\",\"namespace\":\"shop\",\"pod\":\"web\",\"container\":\"sidecar\",\"count\":15,\"share\":\"75m\"},"
                                + "{\"kind\":\"Container\",\"namespace\":\"hidden\",\"pod\":\"miner-2\",\"container\":\"dig\",\"count\":10,\"share\":\"50m\"},"
                                + "{\"kind\":\"Host\",\"count\":10,\"share\":\"50m\"}]}");
    }

    @Test
    void podsThatTheCallerMayNotGetAreAnotherPod() throws Exception {
        webIsPreempted();
        api.secret.addAll(List.of("hidden", "shop"));

        String body = api.get(PATH).body();

        assertThat(body)
                .doesNotContain("hidden", "miner", "dig")
                .contains("{\"kind\":\"AnotherPod\",\"count\":25,\"share\":\"125m\"}")
                .as("the pod that was asked for may be named")
                .contains("\"namespace\":\"shop\",\"pod\":\"web\",\"container\":\"sidecar\"")
                .contains("\"pod\":\"report-1\"");
    }

    @Test
    void aTableHasARowForEach() throws Exception {
        webIsPreempted();
        api.secret.add("hidden");

        JsonNode table = api.json(PATH, "Accept", TABLE);

        assertThat(table.at("/kind").asString()).isEqualTo("Table");
        assertThat(table.at("/columnDefinitions").findValuesAsString("name"))
                .containsExactly("Kind", "Namespace", "Name", "Container", "Count", "Share");
        assertThat(table.at("/rows/0/cells").toString())
                .isEqualTo("[\"Container\",\"batch\",\"report-1\",\"sum\",\"70\",\"35%\"]");
        assertThat(table.at("/rows/1/cells").toString())
                .isEqualTo("[\"Service\",\"-\",\"containerd.service\",\"-\",\"40\",\"20%\"]");
        assertThat(table.at("/rows/0/object/kind").asString()).isEqualTo("PartialObjectMetadata");
        assertThat(table.at("/rows").size()).isEqualTo(7);
        assertThat(api.json(PATH + "?includeObject=Object", "Accept", TABLE)
                        .at("/rows/0/object/kind")
                        .asString())
                .isEqualTo("PodPreemptors");
        assertThat(api.get(PATH, "Accept", "application/yaml").body()).contains("kind: \"PodPreemptors\"");
    }

    @Test
    void aPodWithoutAnyPreemptionHasAnEmptyList() throws Exception {
        api.cluster.pod("shop", "web", "u1", "n1", Map.of());
        api.push(agent);
        assertThat(api.json(PATH).has("count")).as("no increments yet").isFalse();
        api.push(agent);

        assertThat(api.json(PATH).at("/count").asLong(-1)).isZero();
        assertThat(api.json(PATH).at("/preemptors").toString()).isEqualTo("[]");
    }

    /** The names are read a moment before the counts. */
    @Test
    void moreNamesThanCountsLeaveNothingNegative() throws Exception {
        api.cluster.pod("shop", "web", "u1", "n1", Map.of());
        api.push(agent);
        app.count(10, 0, 5, 0).add(Catalogue.CPU_PREEMPTORS, who("batch", "report-1", "sum"), 6);
        api.push(agent);

        assertThat(api.json(PATH).at("/preemptors").toString())
                .isEqualTo(
                        "[{\"kind\":\"Container\",\"namespace\":\"batch\",\"pod\":\"report-1\",\"container\":\"sum\",\"count\":6,\"share\":\"1\"}]");
    }

    /** Names are of no other object and no metric: neither in a pod's numbers nor in its node's. */
    @Test
    void otherAnswersDoNotTellWho() throws Exception {
        webIsPreempted();
        api.cluster.node("n1", Map.of());

        for (String path : List.of("/namespaces/shop/pods/web", "/pods", "/nodes/n1", "/workloads")) {
            assertThat(api.get("/apis/kernelmetrics.kpod.io/v1beta1" + path).body())
                    .contains("preemptions")
                    .doesNotContain("report-1", "containerd", "miner");
        }
        assertThat(api.get(
                                "/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/pods/web/kpod_cpu_preemptors_per_second")
                        .statusCode())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/namespaces/shop/pods/ghost/preemptors      | 404 | there is no pod shop/ghost",
                "/namespaces/shop/pods/web/preemptors?window=1s | 400 | window \\\"1s\\\" is not a duration from 5s to 5m",
                "/namespaces/shop/pods/deaf/preemptors       | 404 | no agent has been heard from its node n2",
                "/namespaces/shop/pods/web/offenders         | 404 | ''",
            })
    void refusalsSayWhy(String path, int code, String words) throws Exception {
        webIsPreempted();
        api.cluster.pod("shop", "deaf", "u2", "n2", Map.of());

        HttpResponse<String> answer = api.get("/apis/kernelmetrics.kpod.io/v1beta1" + path);

        assertThat(answer.statusCode()).isEqualTo(code);
        assertThat(answer.body()).contains(words);
    }

    @Test
    void aNodeWithoutTheCollectorSaysSo() throws Exception {
        TestAgent blind = new TestAgent("n2").collectors(new CollectorReport("cpu", false, "no BTF"));
        api.cluster.pod("shop", "web", "u1", "n2", Map.of());
        blind.startPod("shop", "web", "u1").counters().clear();
        api.push(blind);
        api.push(blind);

        HttpResponse<String> answer = api.get(PATH);

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("CollectorOff", "the collector cpu is off on node n2: no BTF");
    }

    @Test
    void discoveryHasTheSubresource() throws Exception {
        assertThat(api.get("/apis/kernelmetrics.kpod.io/v1beta1").body())
                .contains(
                        "{\"name\":\"pods/preemptors\",\"singularName\":\"\",\"namespaced\":true,\"kind\":\"PodPreemptors\",\"verbs\":[\"get\"]}");
        assertThat(api.get("/apis", "Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
                        .body())
                .contains(
                        "\"subresources\":[{\"subresource\":\"preemptors\",\"responseKind\":{\"group\":\"kernelmetrics.kpod.io\",\"version\":\"v1beta1\",\"kind\":\"PodPreemptors\"},\"verbs\":[\"get\"]}]");
    }
}
