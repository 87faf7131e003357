package io.kpod.apiserver.externalmetrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.TestApi;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.window.TestAgent;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Stat;
import io.kpod.summary.histogram.Histogram;
import java.net.http.HttpResponse;
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
import tools.jackson.databind.json.JsonMapper;

class ExternalMetricsTest {
    private static final String GROUP = "/apis/external.metrics.k8s.io/v1beta1";
    private static final String BASE = GROUP + "/namespaces/shop/";
    private static final String SWITCHES = "kpod_cpu_context_switches_per_second";
    private static final String LATENCY = "kpod_cpu_runqueue_latency_seconds";

    private final TestApi api = new TestApi();
    private final TestAgent agent = new TestAgent("n1");
    private final Histogram both = new Histogram();

    @BeforeEach
    void threePodsOfTwoKindsAreMeasured() {
        api.cluster
                .pod("shop", "queue-0", "u1", "n1", Map.of("app", "queue", "shard", "0"))
                .pod("shop", "queue-1", "u2", "n1", Map.of("app", "queue", "shard", "1"))
                .pod("shop", "web", "u3", "n1", Map.of("app", "web"))
                .pod("other", "queue-0", "u4", "n1", Map.of("app", "queue"));
        TestAgent.Container first = agent.start("shop", "queue-0", "u1", "app");
        TestAgent.Container sidecar = agent.start("shop", "queue-0", "u1", "sidecar");
        TestAgent.Container second = agent.start("shop", "queue-1", "u2", "app");
        TestAgent.Container web = agent.start("shop", "web", "u3", "app");
        TestAgent.Container elsewhere = agent.start("other", "queue-0", "u4", "app");
        api.push(agent);
        long[] waits = {2_000, 3_000, 900_000};
        long[] others = {5_000_000, 7_000_000};
        first.count(100, 5, 10, 15, waits).gauge(Catalogue.MEM_WORKING_SET_BYTES, "", 3 << 20);
        sidecar.count(50, 0, 0, 0);
        second.count(200, 0, 20, 0, others).gauge(Catalogue.MEM_WORKING_SET_BYTES, "", 1 << 20);
        web.count(5000, 0, 0, 0, 100_000_000);
        elsewhere.count(70_000, 0, 0, 0);
        api.push(agent);
        for (long[] some : List.of(waits, others)) {
            for (long wait : some) {
                both.record(wait);
            }
        }
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void theAnswerIsOneItemOverAllSelectedPods() throws Exception {
        HttpResponse<String> answer = api.get(
                BASE + SWITCHES + "?labelSelector=app%3Dqueue", "Accept", "application/vnd.kubernetes.protobuf, */*");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(answer.body())
                .isEqualTo("{\"kind\":\"ExternalMetricValueList\",\"apiVersion\":\"external.metrics.k8s.io/v1beta1\","
                        + "\"metadata\":{},\"items\":[{\"metricName\":\"" + SWITCHES
                        + "\",\"metricLabels\":{\"app\":\"queue\"},\"timestamp\":\"2026-11-24T13:00:05Z\",\"window\":5,"
                        + "\"value\":\"70\"}]}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kpod_cpu_context_switches_per_second | ''                                             | 1070",
                "kpod_cpu_context_switches_per_second | app%20in%20(queue,web)                         | 1070",
                "kpod_cpu_context_switches_per_second | app%3Dqueue,shard!%3D0                         | 40",
                "kpod_cpu_context_switches_per_second | app%3Dqueue,kpod.io/container%3Dsidecar        | 10",
                "kpod_cpu_context_switches_per_second | app%3Dqueue,kpod.io/window%3D5m                | 70",
                "kpod_cpu_preemptions_per_second      | app%3Dqueue,kpod.io/by%3Dcontainer             | 6",
                "kpod_cpu_preemptions_per_second      | app%3Dqueue,kpod.io/by%20in%20(host)           | 3",
                "kpod_mem_working_set_bytes           | app%3Dqueue                                    | 4Mi",
                "kpod_cpu_runqueue_latency_per_second | shard                                          | 1",
                "kpod_cpu_runqueue_latency_mean_seconds | app%3Dqueue                                  | 2581u",
                "kpod_cpu_runqueue_latency_seconds    | app%3Dqueue,kpod.io/stat%3Dmean                | 2581u",
            })
    void keysOfKpodChooseTheValueAndAllOthersThePods(String metric, String selector, String value) throws Exception {
        JsonNode list = api.json(BASE + metric + "?labelSelector=" + selector);
        assertThat(list.at("/items")).as(list.toString()).hasSize(1);
        assertThat(list.at("/items/0/value").asString()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({"p50", "p90", "p95", "p99", "p999", "mean", "max"})
    void everyStatIsThatOfTheMergedDistribution(String stat) throws Exception {
        String expected = Quantity.of(
                        Stat.valueOf(stat.toUpperCase(java.util.Locale.ROOT)).seconds(both))
                .toString();
        assertThat(api.json(BASE + LATENCY + "?labelSelector=app%3Dqueue,kpod.io/stat%3D" + stat)
                        .at("/items/0/value")
                        .asString())
                .isEqualTo(expected);
        assertThat(api.json(BASE + "kpod_cpu_runqueue_latency_" + stat + "_seconds?labelSelector=app%3Dqueue")
                        .at("/items/0/value")
                        .asString())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kpod_cpu_context_switches_per_second | kpod.io/stat%3Dp99 | labelSelector of kpod_cpu_context_switches_per_second: key \"kpod.io/stat\" is unknown; allowed are kpod.io/window (5s to 5m), kpod.io/container",
                "kpod_cpu_runqueue_latency_seconds | kpod.io/stat%3Dp42 | stat \"p42\" is unknown; allowed are kpod.io/stat (p50, p90, p95, p99, p999, mean, max), kpod.io/window (5s to 5m), kpod.io/container",
                "kpod_cpu_preemptions_per_second | kpod.io/by%3Dghost | kpod.io/by \"ghost\" is unknown; allowed are kpod.io/window (5s to 5m), kpod.io/container, kpod.io/by (self, container, host)",
                "kpod_mem_working_set_bytes | kpod.io/window%3D60s | key \"kpod.io/window\" is unknown; allowed are kpod.io/container",
                "kpod_cpu_context_switches_per_second | kpod.io/window%3D1h | window \"1h\" is not a duration from 5s to 5m",
                "kpod_cpu_context_switches_per_second | kpod.io/container%3Dnone | container \"none\" is in none of the pods, which have app, sidecar",
                "kpod_cpu_context_switches_per_second | !kpod.io/container | only KEY=VALUE can be asked for",
                "kpod_cpu_context_switches_per_second | a%3D( | labelSelector: unable to parse requirement: found '('",
            })
    void whatCannotBeAskedForIsNamedWithWhatCan(String metric, String selector, String message) throws Exception {
        HttpResponse<String> answer = api.get(BASE + metric + "?labelSelector=" + selector);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(message(answer)).contains(message);
    }

    private static String message(HttpResponse<String> answer) {
        return JsonMapper.shared().readTree(answer.body()).at("/message").asString();
    }

    private void notFound(String request, String message) throws Exception {
        HttpResponse<String> answer = api.get(BASE + request);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(404);
        assertThat(message(answer)).isEqualTo(message);
    }

    @Test
    void whatIsNotThereIsNotFoundAndSaysWhy() throws Exception {
        notFound(
                "queue_length?labelSelector=app%3Dqueue",
                "the server could not find the metric queue_length for pods: there is none of that name; kubectl get --raw "
                        + GROUP + " lists them");
        notFound(
                SWITCHES + "?labelSelector=app%3Dnone",
                "the server could not find the metric " + SWITCHES
                        + " for pods with selector app=none: no pod in namespace shop has such labels");
        api.cluster.pod("shop", "queue-9", "u9", "n9", Map.of("app", "queue"));
        notFound(
                SWITCHES + "?labelSelector=app%3Dqueue",
                "the server could not find the metric " + SWITCHES
                        + " for pods with selector app=queue: 1 of its 3 pods can't be told, and the others alone would look"
                        + " like less than it is; queue-9: no agent has been heard from its node n9 since this server started"
                        + " 10s ago");
        api.cluster.synced(false);
        notFound(
                SWITCHES + "?labelSelector=app%3Dnone",
                "the server could not find the metric " + SWITCHES
                        + " for pods with selector app=none: this server has not listed the cluster's pods yet; ask again in a"
                        + " moment");
    }

    @Test
    void aSilentAgentIsNotReadAsIdleness() throws Exception {
        api.clock.advance(Duration.ofSeconds(30));
        HttpResponse<String> answer = api.get(BASE + SWITCHES + "?labelSelector=app%3Dqueue");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("last heard 30s ago", "\"reason\":\"NoPodMeasured\"");
    }

    @Test
    void aValuePrintsAsATable() throws Exception {
        JsonNode table = api.json(
                BASE + "kpod_mem_working_set_bytes?labelSelector=app%3Dqueue",
                "Accept",
                "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
        assertThat(table.at("/kind").asString()).isEqualTo("Table");
        assertThat(table.at("/rows/0/cells").toString())
                .isEqualTo("[\"kpod_mem_working_set_bytes\",\"4Mi\",\"0s\",\"5s\"]");
    }

    @Test
    void discoveryListsEachMetricInBothForms() throws Exception {
        List<String> names = new ArrayList<>();
        JsonNode resources = api.json(GROUP).at("/resources");
        resources.forEach(resource -> names.add(resource.at("/name").asString()));
        assertThat(names).hasSize(Catalogue.SERVED_METRICS.size()).contains(SWITCHES, LATENCY);
        assertThat(resources.get(0).toString())
                .isEqualTo(
                        "{\"name\":\"kpod_cpu_runqueue_latency_p50_seconds\",\"singularName\":\"\",\"namespaced\":true,"
                                + "\"kind\":\"ExternalMetricValueList\",\"verbs\":[\"get\"]}");
        JsonNode groups =
                api.json("/apis", "Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
        List<String> versions = new ArrayList<>();
        groups.at("/items")
                .forEach(group -> group.at("/versions").forEach(version -> {
                    versions.add(group.at("/metadata/name").asString() + "/"
                            + version.at("/version").asString());
                    assertThat(version.at("/resources")).isNotEmpty();
                }));
        assertThat(versions)
                .containsExactly(
                        "kernelmetrics.kpod.io/v1beta1",
                        "custom.metrics.k8s.io/v1beta2",
                        "custom.metrics.k8s.io/v1beta1",
                        "external.metrics.k8s.io/v1beta1");
    }
}
