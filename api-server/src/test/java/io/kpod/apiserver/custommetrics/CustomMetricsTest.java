package io.kpod.apiserver.custommetrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.TestApi;
import io.kpod.apiserver.inventory.Owner;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.window.TestAgent;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.ServedMetric;
import io.kpod.summary.Stat;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.CollectorReport;
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

class CustomMetricsTest {
    private static final String BASE = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop";
    private static final String NODES = "/apis/custom.metrics.k8s.io/v1beta2/nodes";
    private static final String BETA1 = "/apis/custom.metrics.k8s.io/v1beta1/namespaces/shop";
    private static final String P99 = "kpod_cpu_runqueue_latency_p99_seconds";
    private static final String SWITCHES = "kpod_cpu_context_switches_per_second";

    private static final Owner SET = new Owner("ReplicaSet", "shop", "web-1");

    private static final Map<String, String> LABELS = Map.of(
            "syscall", "read", "device", "sda", "mountpoint", "/data", "operation", "write", "interface", "eth0");

    private final TestApi api = new TestApi();
    private final TestAgent agent = new TestAgent("n1");
    private final Histogram first = new Histogram();
    private final Histogram second = new Histogram();

    @BeforeEach
    void twoPodsOfADeploymentAreMeasured() {
        api.cluster
                .pod("shop", "web-1-a", "u1", "n1", "Running", Map.of("app", "web", "track", "a"), SET)
                .pod("shop", "web-1-b", "u2", "n1", "Running", Map.of("app", "web", "track", "b"), SET)
                .controller(SET, new Owner("Deployment", "shop", "web"))
                .node("n1", Map.of("zone", "a"))
                .node("n9", Map.of("zone", "b"));
        TestAgent.Container a = agent.start("shop", "web-1-a", "u1", "app").count(100_000, 9, 9, 9, 50);
        TestAgent.Container sidecar = agent.start("shop", "web-1-a", "u1", "sidecar");
        TestAgent.Container b = agent.start("shop", "web-1-b", "u2", "app");
        api.push(agent);
        long[] short1 = {2_000, 3_000, 5_000, 9_000};
        long[] long1 = {4_000_000, 8_000_000, 16_000_000};
        a.count(500, 5, 10, 15, short1);
        sidecar.count(50, 0, 0, 0);
        b.count(1000, 0, 0, 0, long1);
        a.everySignal(LABELS::get, metric -> !metric.collector().equals("cpu"));
        a.add(Catalogue.SYSCALL_COUNT, "openat", 5);
        a.record(Catalogue.DISK_IO_LATENCY, "sdb" + Metric.LABEL_SEPARATOR + "read", 2_000_000);
        sidecar.gauge(Catalogue.MEM_WORKING_SET_BYTES, "", 1 << 20);
        b.gauge(Catalogue.MEM_WORKING_SET_BYTES, "", 4096);
        b.add(Catalogue.SYSCALL_COUNT, "futex", 5);
        for (long wait : short1) {
            first.record(wait);
        }
        for (long wait : long1) {
            second.record(wait);
        }
        api.push(agent);
    }

    /** A pod like the others on a node whose agent has never been heard. */
    private void aPodIsSilent(boolean ready) {
        if (ready) {
            api.cluster.pod("shop", "silent", "u3", "n9", "Running", Map.of("app", "web"), SET);
        } else {
            api.cluster.unready("shop", "silent", "u3", "n9", Map.of("app", "web"));
        }
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private static String p99(Histogram histogram) {
        return Quantity.of(Stat.P99.seconds(histogram)).toString();
    }

    @Test
    void allPodsOfASelectorInV1beta2() throws Exception {
        for (String every : List.of("*", "%2A")) {
            HttpResponse<String> answer = api.get(
                    BASE + "/pods/" + every + "/" + P99 + "?labelSelector=app%3Dweb",
                    "Accept",
                    "application/vnd.kubernetes.protobuf, */*");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
            assertThat(answer.body())
                    .isEqualTo(
                            "{\"kind\":\"MetricValueList\",\"apiVersion\":\"custom.metrics.k8s.io/v1beta2\",\"metadata\":{},\"items\":["
                                    + "{\"describedObject\":{\"kind\":\"Pod\",\"namespace\":\"shop\",\"name\":\"web-1-a\",\"apiVersion\":\"/v1\"},"
                                    + "\"metric\":{\"name\":\"" + P99 + "\",\"selector\":null},"
                                    + "\"timestamp\":\"2026-11-24T13:00:05Z\",\"windowSeconds\":5,\"value\":\""
                                    + p99(first) + "\"},"
                                    + "{\"describedObject\":{\"kind\":\"Pod\",\"namespace\":\"shop\",\"name\":\"web-1-b\",\"apiVersion\":\"/v1\"},"
                                    + "\"metric\":{\"name\":\"" + P99 + "\",\"selector\":null},"
                                    + "\"timestamp\":\"2026-11-24T13:00:05Z\",\"windowSeconds\":5,\"value\":\""
                                    + p99(second) + "\"}]}");
        }
    }

    @Test
    void onePodInV1beta1HasTheOtherKeys() throws Exception {
        assertThat(api.get(BETA1 + "/pods/web-1-b/" + SWITCHES).body())
                .isEqualTo(
                        "{\"kind\":\"MetricValueList\",\"apiVersion\":\"custom.metrics.k8s.io/v1beta1\",\"metadata\":{},\"items\":["
                                + "{\"describedObject\":{\"kind\":\"Pod\",\"namespace\":\"shop\",\"name\":\"web-1-b\",\"apiVersion\":\"/v1\"},"
                                + "\"metricName\":\"" + SWITCHES
                                + "\",\"timestamp\":\"2026-11-24T13:00:05Z\",\"window\":5,\"value\":\"200\","
                                + "\"selector\":null}]}");
    }

    @Test
    void aDeploymentsDistributionIsThatOfAllItsPodsAndItsRateTheSum() throws Exception {
        Histogram merged = new Histogram();
        merged.add(first);
        merged.add(second);
        JsonNode list = api.json(BASE + "/deployments.apps/web/" + P99);
        assertThat(list.at("/items")).hasSize(1);
        assertThat(list.at("/items/0/describedObject").toString())
                .isEqualTo(
                        "{\"kind\":\"Deployment\",\"namespace\":\"shop\",\"name\":\"web\",\"apiVersion\":\"apps/v1\"}");
        assertThat(list.at("/items/0/value").asString()).isEqualTo(p99(merged));
        assertThat(value("/deployments.apps/web/" + SWITCHES)).isEqualTo("310");
        assertThat(value("/replicasets.apps/web-1/" + SWITCHES)).isEqualTo("310");
        assertThat(value("/metrics/" + SWITCHES)).isEqualTo("310");
        JsonNode namespace = api.json(BASE + "/metrics/" + SWITCHES);
        assertThat(namespace.at("/items/0/describedObject").toString())
                .isEqualTo("{\"kind\":\"Namespace\",\"name\":\"shop\",\"apiVersion\":\"/v1\"}");
    }

    private String value(String path) throws Exception {
        JsonNode list = api.json(BASE + path);
        assertThat(list.at("/items")).as(list.toString()).hasSize(1);
        return list.at("/items/0/value").asString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kpod_cpu_context_switches_per_second  | ''                        | 110",
                "kpod_cpu_context_switches_per_second  | container%3Dsidecar       | 10",
                "kpod_cpu_context_switches_per_second  | container%20in%20(app)    | 100",
                "kpod_cpu_context_switches_per_second  | window%3D5m               | 110",
                "kpod_cpu_preemptions_per_second       | ''                        | 6",
                "kpod_cpu_preemptions_per_second       | by%3Dcontainer            | 2",
                "kpod_cpu_preemptions_per_second       | by%3Dhost,container%3Dapp | 3",
                "kpod_cpu_runqueue_latency_per_second  | ''                        | 800m",
                "kpod_cpu_runqueue_latency_mean_seconds | ''                       | 4750n",
                "kpod_cpu_runqueue_latency_seconds     | stat%3Dmean               | 4750n",
                "kpod_mem_working_set_bytes            | ''                        | 42Mi",
                "kpod_mem_working_set_bytes            | container%3Dsidecar       | 1Mi",
                "kpod_cpu_usage_seconds_per_second     | ''                        | 31m",
                "kpod_syscall_count_per_second         | ''                        | 14",
                "kpod_syscall_count_per_second         | syscall%3Dopenat          | 1",
                "kpod_disk_reads_per_second            | device%3Dsda              | 18",
                "kpod_fs_usage_bytes                   | mountpoint%3Ddata         | 29Mi",
                "kpod_net_iface_rx_bytes_per_second    | interface%3Deth0          | 20",
                "kpod_disk_io_latency_per_second       | ''                        | 9",
                "kpod_disk_io_latency_per_second       | device%3Dsdb              | 200m",
                "kpod_disk_io_latency_mean_seconds     | operation%3Dread          | 2m",
                "kpod_disk_io_latency_seconds          | device%3Dsda,operation%3Dwrite,stat%3Dmean | 1m",
            })
    void theSelectorChoosesFurther(String metric, String selector, String value) throws Exception {
        assertThat(value("/pods/web-1-a/" + metric + "?metricLabelSelector=" + selector))
                .isEqualTo(value);
    }

    @Test
    void gaugesOfAWorkloadAreSummedAndEachPodHasItsOwn() throws Exception {
        assertThat(value("/deployments.apps/web/kpod_mem_working_set_bytes")).isEqualTo("43012Ki");
        assertThat(names("/pods/*/kpod_mem_working_set_bytes")).containsExactly("web-1-a", "web-1-b");
        assertThat(names("/pods/*/kpod_syscall_count_per_second?metricLabelSelector=syscall%3Dfutex"))
                .containsExactly("web-1-b");
    }

    @Test
    void theBareDistributionIsItsP99AndTheSelectorIsEchoed() throws Exception {
        assertThat(value("/pods/web-1-a/kpod_cpu_runqueue_latency_seconds")).isEqualTo(p99(first));
        assertThat(api.json(BASE + "/pods/web-1-a/" + P99 + "?metricLabelSelector=container%3Dapp")
                        .at("/items/0/metric/selector")
                        .toString())
                .isEqualTo("{\"matchLabels\":{\"container\":\"app\"}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kpod_cpu_preemptions_per_second   | by%3Dghost     | by \"ghost\" is unknown; allowed are window (5s to 5m), container, by (self, container, host)",
                "kpod_cpu_preemptions_per_second   | stat%3Dp99     | key \"stat\" is unknown; allowed are window (5s to 5m), container, by (self, container, host)",
                "kpod_cpu_runqueue_latency_seconds | stat%3Dp42     | stat \"p42\" is unknown; allowed are stat (p50, p90, p95, p99, p999, mean, max), window (5s to 5m), container",
                "kpod_cpu_runqueue_latency_seconds | device%3Dsda   | key \"device\" is unknown; allowed are stat (p50, p90, p95, p99, p999, mean, max), window (5s to 5m), container",
                "kpod_cpu_context_switches_per_second | window%3D1h | window \"1h\" is not a duration from 5s to 5m, such as 30s or 1m30s; allowed are window (5s to 5m), container",
                "kpod_cpu_context_switches_per_second | container%3Dnone | container \"none\" is in none of the pods, which have app, sidecar; allowed are window (5s to 5m), container",
                "kpod_syscall_count_per_second | syscall%3Dfutex | syscall \"futex\" is in none of the pods, which have openat, read; allowed are window (5s to 5m), container, syscall",
                "kpod_disk_io_latency_p99_seconds | operation%3Dtrim | operation \"trim\" is in none of the pods, which have read, write; allowed are window (5s to 5m), container, device, operation",
                "kpod_mem_rss_bytes                | window%3D60s   | key \"window\" is unknown; allowed are container",
                "kpod_cpu_context_switches_per_second | container   | only KEY=VALUE can be asked for",
                "kpod_cpu_context_switches_per_second | window%3D5s,window%3D10s | key \"window\" can't be both \"5s\" and \"10s\"",
                "kpod_cpu_context_switches_per_second | a%3D(       | metricLabelSelector: unable to parse requirement: found '('",
            })
    void whatCannotBeAskedForIsNamedWithWhatCan(String metric, String selector, String message) throws Exception {
        HttpResponse<String> answer = api.get(BASE + "/pods/web-1-a/" + metric + "?metricLabelSelector=" + selector);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(JsonMapper.shared().readTree(answer.body()).at("/message").asString())
                .contains(message);
    }

    private static final String NO_SUCH_METRIC =
            ": there is none of that name; kubectl get --raw /apis/custom.metrics.k8s.io/v1beta2 lists them";

    @Test
    void aWindowInTheWrongPlaceIsRefusedAndTheRightOneNamed() throws Exception {
        HttpResponse<String> answer = api.get(BASE + "/pods/*/kpod_cpu_context_switches_per_second?window=10s");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("metricLabelSelector=window%3D10s");
    }

    private void notFound(String path, String message) throws Exception {
        HttpResponse<String> answer = api.get(BASE + path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(404);
        JsonNode status = JsonMapper.shared().readTree(answer.body());
        assertThat(status.at("/reason").asString()).isEqualTo("NotFound");
        assertThat(status.at("/message").asString()).isEqualTo(message);
    }

    @Test
    void whatIsNotThereIsNotFoundAndSaysWhy() throws Exception {
        aPodIsSilent(true);
        notFound(
                "/pods/*/kpod_cpu_typo",
                "the server could not find the metric kpod_cpu_typo for pods" + NO_SUCH_METRIC);
        notFound(
                "/pods/web-1-a/kpod_cpu_typo",
                "the server could not find the metric kpod_cpu_typo for pods web-1-a" + NO_SUCH_METRIC);
        notFound(
                "/deployments.apps/web/kpod_cpu_typo",
                "the server could not find the metric kpod_cpu_typo for deployments.apps web" + NO_SUCH_METRIC);
        notFound(
                "/pods/silent/" + P99,
                "the server could not find the metric " + P99
                        + " for pods silent: no agent has been heard from its node n9 since this "
                        + "server started 10s ago");
        notFound(
                "/pods/none/" + P99,
                "the server could not find the metric " + P99 + " for pods none: there is no pod shop/none");
        notFound(
                "/deployments.apps/none/" + P99,
                "the server could not find the metric " + P99 + " for deployments.apps none: there is no pod of it");
        notFound(
                "/ingresses.networking.k8s.io/x/" + P99,
                "the server could not find the resource ingresses.networking.k8s.io; metrics describe pods, deployments.apps, "
                        + "statefulsets.apps, daemonsets.apps, replicasets.apps, jobs.batch, services, nodes, namespaces");
        assertThat(api.get(BASE + "/deployments.apps/*/" + P99).statusCode()).isEqualTo(400);
    }

    @Test
    void podsWithoutAValueAreLeftOutAndAnEmptyListIsNotNull() throws Exception {
        aPodIsSilent(true);
        assertThat(names("/pods/*/" + P99)).containsExactly("web-1-a", "web-1-b");
        assertThat(names("/pods/*/" + P99 + "?labelSelector=track")).containsExactly("web-1-a", "web-1-b");
        assertThat(names("/pods/*/" + P99 + "?labelSelector=track%3Db")).containsExactly("web-1-b");
        assertThat(api.get(BASE + "/pods/*/" + P99 + "?labelSelector=app%3Dnone")
                        .body())
                .endsWith("\"items\":[]}");
        assertThat(names("/pods/*/" + SWITCHES + "?metricLabelSelector=container%3Dsidecar"))
                .containsExactly("web-1-a");
    }

    @Test
    void aMetricThatNoAgentMeasuresNamesTheCollector() throws Exception {
        notFound(
                "/pods/web-1-b/kpod_mem_oom_kills_per_second",
                "the server could not find the metric kpod_mem_oom_kills_per_second for pods web-1-b: the agent on node n1 "
                        + "does not run the collector oom: choose it by kpod.profile");
        TestAgent restarted = new TestAgent("n1")
                .collectors(new CollectorReport("cpu", true, "tp_btf"), new CollectorReport("tcp", false, "no BTF"));
        restarted.start("shop", "web-1-b", "u2", "app");
        api.push(restarted);
        notFound(
                "/pods/web-1-b/kpod_net_tcp_connections_per_second",
                "the server could not find the metric kpod_net_tcp_connections_per_second for pods web-1-b: the "
                        + "collector tcp is off on node n1: no BTF");
    }

    @Test
    void aSilentAgentIsNotReadAsIdleness() throws Exception {
        api.clock.advance(Duration.ofSeconds(30));
        String why = ": none of its 2 pods is measured; of web-1-a: the agent on its node n1 was last heard 30s ago";
        notFound("/pods/*/" + SWITCHES, "the server could not find the metric " + SWITCHES + " for pods" + why);
        notFound(
                "/deployments.apps/web/" + SWITCHES,
                "the server could not find the metric " + SWITCHES + " for deployments.apps web" + why);
        notFound(
                "/metrics/" + SWITCHES,
                "the server could not find the metric " + SWITCHES + " for namespaces shop" + why);
        assertThat(api.get(NODES + "/n1/" + SWITCHES).body())
                .contains("for nodes n1: its agent was last heard 30s ago");
    }

    @Test
    void aSumInWhichOnePodIsMissingIsNotGivenBecauseTheMissingOneWouldCountAsZero() throws Exception {
        aPodIsSilent(true);
        String why =
                " 1 of its 3 pods can't be told, and the others alone would look like less than it is; silent: no agent"
                        + " has been heard from its node n9 since this server started 10s ago";
        for (String metric : List.of(SWITCHES, P99, "kpod_mem_working_set_bytes")) {
            notFound(
                    "/deployments.apps/web/" + metric,
                    "the server could not find the metric " + metric + " for deployments.apps web:" + why);
        }
        notFound(
                "/metrics/" + SWITCHES,
                "the server could not find the metric " + SWITCHES + " for namespaces shop:" + why);
        assertThat(names("/pods/*/" + SWITCHES)).containsExactly("web-1-a", "web-1-b");
    }

    @Test
    void aPodThatDoesNothingYetOrNoLongerIsNotMissed() throws Exception {
        aPodIsSilent(false);
        api.cluster
                .pod("shop", "pending", "u4", "", "Pending", Map.of("app", "web"), SET)
                .pod("shop", "done", "u5", "n9", "Succeeded", Map.of("app", "web"), SET)
                .born("shop", "young", "u6", "n1", TestApi.NOW.minusSeconds(3));
        assertThat(value("/deployments.apps/web/" + SWITCHES)).isEqualTo("310");
        assertThat(value("/metrics/" + SWITCHES)).isEqualTo("310");
    }

    @Test
    void aSumOfWhichOneNodeDoesNotMeasureTheMetricIsNotGiven() throws Exception {
        TestAgent other = new TestAgent("n9").collectors(new CollectorReport("tcp", false, "no BTF"));
        aPodIsSilent(true);
        other.start("shop", "silent", "u3", "app").count(1, 0, 0, 0);
        api.push(other);
        api.push(other);
        notFound(
                "/deployments.apps/web/kpod_net_tcp_connections_per_second",
                "the server could not find the metric kpod_net_tcp_connections_per_second for deployments.apps web: 2 of its"
                        + " 3 pods can't be told, and the others alone would look like less than it is; silent: the"
                        + " collector tcp is off on node n9: no BTF");
        assertThat(value("/deployments.apps/web/kpod_cpu_runqueue_latency_per_second"))
                .isNotEqualTo("0");
    }

    @Test
    void anAgentsRestartIsNoDip() throws Exception {
        TestAgent restarted = new TestAgent("n1");
        TestAgent.Container a = restarted.start("shop", "web-1-a", "u1", "app").count(700, 0, 0, 0);
        TestAgent.Container b = restarted.start("shop", "web-1-b", "u2", "app").count(700, 0, 0, 0);
        String lastSeconds = "/deployments.apps/web/" + SWITCHES + "?metricLabelSelector=window%3D5s";
        assertThat(value(lastSeconds)).isEqualTo("310");
        api.push(restarted);
        assertThat(value(lastSeconds)).isEqualTo("310");
        a.count(10, 0, 0, 0);
        b.count(20, 0, 0, 0);
        api.push(restarted);
        assertThat(value(lastSeconds)).isEqualTo("6");
    }

    @Test
    void aPodOfWhichOnlyTotalsAreKnownYetIsMissed() throws Exception {
        aPodIsSilent(true);
        TestAgent other = new TestAgent("n9");
        TestAgent.Container first = other.start("shop", "silent", "u3", "app").count(70_000, 0, 0, 0);
        api.push(other);
        notFound(
                "/deployments.apps/web/" + SWITCHES,
                "the server could not find the metric " + SWITCHES
                        + " for deployments.apps web: 1 of its 3 pods can't be told,"
                        + " and the others alone would look like less than it is; silent: its agent has just started and has"
                        + " told totals only; ask again in a moment");
        first.count(10, 0, 0, 0);
        api.push(other);
        assertThat(value("/deployments.apps/web/" + SWITCHES)).isEqualTo("312");
    }

    @ParameterizedTest
    @CsvSource({
        "StatefulSet, statefulsets.apps, apps/v1",
        "DaemonSet, daemonsets.apps, apps/v1",
        "ReplicaSet, replicasets.apps, apps/v1",
        "Job, jobs.batch, batch/v1"
    })
    void everyControllerIsDescribed(String kind, String resource, String apiVersion) throws Exception {
        Owner owner = new Owner(kind, "shop", "own");
        api.cluster
                .pod("shop", "own-0", "u8", "n1", "Running", Map.of(), owner)
                .pod("shop", "own-1", "u9", "n1", "Running", Map.of(), owner);
        TestAgent.Container one = agent.start("shop", "own-0", "u8", "app");
        TestAgent.Container other = agent.start("shop", "own-1", "u9", "app");
        api.push(agent);
        one.count(30, 0, 0, 0);
        other.count(20, 0, 0, 0);
        api.push(agent);
        JsonNode list = api.json(BASE + "/" + resource + "/own/" + SWITCHES + "?metricLabelSelector=window%3D5s");
        assertThat(list.at("/items")).as(list.toString()).hasSize(1);
        assertThat(list.at("/items/0/value").asString()).isEqualTo("10");
        assertThat(list.at("/items/0/describedObject").toString())
                .isEqualTo("{\"kind\":\"" + kind + "\",\"namespace\":\"shop\",\"name\":\"own\",\"apiVersion\":\""
                        + apiVersion + "\"}");
    }

    @Test
    void aServiceIsThePodsOfItsSelector() throws Exception {
        api.cluster
                .service("shop", "web", Map.of("app", "web"))
                .service("shop", "half", Map.of("app", "web", "track", "b"))
                .service("shop", "bare", Map.of())
                .service("shop", "nobody", Map.of("app", "none"));
        Histogram merged = new Histogram();
        merged.add(first);
        merged.add(second);
        assertThat(value("/services/web/" + SWITCHES)).isEqualTo("310");
        assertThat(value("/services/half/" + SWITCHES)).isEqualTo("200");
        assertThat(value("/services/web/" + P99)).isEqualTo(p99(merged));
        assertThat(api.json(BASE + "/services/web/" + SWITCHES)
                        .at("/items/0/describedObject")
                        .toString())
                .isEqualTo("{\"kind\":\"Service\",\"namespace\":\"shop\",\"name\":\"web\",\"apiVersion\":\"/v1\"}");
        String start = "the server could not find the metric " + SWITCHES + " for services ";
        notFound("/services/none/" + SWITCHES, start + "none: there is no Service shop/none");
        notFound("/services/bare/" + SWITCHES, start + "bare: the Service has no selector, so that it has no pods");
        notFound("/services/nobody/" + SWITCHES, start + "nobody: no pod has the labels of its selector, app=none");
    }

    @Test
    void aNodeIsAllThatItsAgentCountedWhetherAPodHasItOrNot() throws Exception {
        JsonNode list = api.json(NODES + "/n1/" + SWITCHES);
        assertThat(list.at("/items/0/describedObject").toString())
                .isEqualTo("{\"kind\":\"Node\",\"name\":\"n1\",\"apiVersion\":\"/v1\"}");
        assertThat(list.at("/items/0/value").asString()).isEqualTo("310");
        assertThat(api.json(NODES + "/n1/" + SWITCHES + "?metricLabelSelector=container%3Dsidecar")
                        .at("/items/0/value")
                        .asString())
                .isEqualTo("10");
        TestAgent.Container rest = agent.startRestOfNode();
        api.push(agent);
        rest.count(50, 0, 0, 0);
        api.push(agent);
        assertThat(api.json(NODES + "/n1/" + SWITCHES + "?metricLabelSelector=window%3D5s")
                        .at("/items/0/value")
                        .asString())
                .isEqualTo("10");
    }

    @Test
    void nodesAreAskedForTogetherAndASilentOneIsLeftOut() throws Exception {
        JsonNode list = api.json(NODES + "/*/" + SWITCHES);
        assertThat(list.at("/items")).hasSize(1);
        assertThat(list.at("/items/0/describedObject/name").asString()).isEqualTo("n1");
        assertThat(api.get(NODES + "/%2A/" + SWITCHES + "?labelSelector=zone%3Dc")
                        .body())
                .endsWith("\"items\":[]}");
        HttpResponse<String> silent = api.get(NODES + "/*/" + SWITCHES + "?labelSelector=zone%3Db");
        assertThat(silent.statusCode()).isEqualTo(404);
        assertThat(silent.body()).contains("none of 1 nodes has it; of n9: no agent has been heard from it");
        assertThat(api.get(NODES + "/n7/" + SWITCHES).body()).contains("for nodes n7: there is no node n7");
        assertThat(api.get("/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/" + SWITCHES)
                        .body())
                .contains("ask for namespaces/NAME/metrics/" + SWITCHES);
    }

    @Test
    void aDistributionIntoWhichNothingFellHasNoQuantileButARateOfZero() throws Exception {
        TestAgent.Container idle = agent.start("shop", "idle", "u7", "app");
        api.cluster.pod("shop", "idle", "u7", "n1", Map.of());
        api.push(agent);
        api.push(agent);
        assertThat(idle).isNotNull();
        assertThat(value("/pods/idle/kpod_cpu_runqueue_latency_per_second")).isEqualTo("0");
        notFound(
                "/pods/idle/" + P99,
                "the server could not find the metric " + P99
                        + " for pods idle: nothing was measured in the last 60s, or only one summary has been taken so far");
    }

    private List<String> names(String path) throws Exception {
        List<String> names = new ArrayList<>();
        api.json(BASE + path)
                .at("/items")
                .forEach(item -> names.add(item.at("/describedObject/name").asString()));
        return names;
    }

    @Test
    void valuesPrintAsATable() throws Exception {
        JsonNode table = api.json(
                BASE + "/pods/*/" + SWITCHES,
                "Accept",
                "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
        assertThat(table.at("/kind").asString()).isEqualTo("Table");
        assertThat(table.at("/rows/1/cells").toString())
                .isEqualTo("[\"web-1-b\",\"" + SWITCHES + "\",\"200\",\"0s\",\"5s\"]");
    }

    @Test
    void everyServedMetricOfEveryPodIsANumber() throws Exception {
        for (ServedMetric metric : Catalogue.SERVED_METRICS) {
            assertThat(value("/pods/web-1-a/" + metric.name()))
                    .as(metric.name())
                    .matches("[0-9]+([numk]|Mi)?");
        }
    }

    @Test
    void discoveryListsEachMetricOfEachResource() throws Exception {
        JsonNode resources = api.json("/apis/custom.metrics.k8s.io/v1beta2");
        List<String> names = new ArrayList<>();
        resources
                .at("/resources")
                .forEach(resource -> names.add(resource.at("/name").asString()));
        assertThat(names)
                .contains(
                        "pods/" + P99, "deployments.apps/" + SWITCHES, "namespaces/kpod_cpu_runqueue_latency_seconds");
        assertThat(names).hasSize(Catalogue.SERVED_METRICS.size() * 9);
        assertThat(resources.at("/resources/0").toString())
                .isEqualTo(
                        "{\"name\":\"pods/kpod_cpu_runqueue_latency_p50_seconds\",\"singularName\":\"\",\"namespaced\":true,"
                                + "\"kind\":\"MetricValueList\",\"verbs\":[\"get\"]}");
    }
}
