package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.inventory.Owner;
import io.kpod.apiserver.window.TestAgent;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real kubectl, the one of the PATH, prints. */
class KubectlTest {
    /** A field of {@code kubectl explain --recursive}: its depth by two spaces each, its name and its type. */
    private static final Pattern FIELD = Pattern.compile("( +)(\\S+)\t(<(?:\\[])?(\\S+)>)(?: -required-)?");

    @TempDir
    private Path home = Path.of("");

    private final TestApi api = new TestApi();
    private final TestAgent agent = new TestAgent("n1");

    @BeforeEach
    void threePodsAreMeasured() {
        Owner set = new Owner("ReplicaSet", "shop", "web-1");
        api.cluster
                .pod("shop", "web-1-a", "u1", "n1", "Running", Map.of("app", "web"), set)
                .pod("shop", "web-1-b", "u2", "n1", "Running", Map.of("app", "web"), set)
                .pod("data", "db-0", "u3", "n1", "Running", Map.of("app", "db"), new Owner("StatefulSet", "data", "db"))
                .pod("data", "db-1", "u4", "n2", "Running", Map.of("app", "db"), new Owner("StatefulSet", "data", "db"))
                .controller(set, new Owner("Deployment", "shop", "web"));
        TestAgent.Container a = agent.start("shop", "web-1-a", "u1", "app");
        TestAgent.Container b = agent.start("shop", "web-1-b", "u2", "app");
        TestAgent.Container db = agent.start("data", "db-0", "u3", "postgres");
        api.push(agent);
        a.count(1_500, 0, 10, 1, 900_000, 30_000);
        a.everySignal(label -> "x", metric -> !metric.collector().equals("cpu"));
        a.add(Catalogue.CPU_PREEMPTORS, String.join(Metric.LABEL_SEPARATOR, "data", "db-0", "postgres"), 8);
        b.count(12_000, 0, 0, 0, 20_000_000);
        db.count(0, 0, 0, 0);
        api.push(agent);
        api.clock.advance(Duration.ofSeconds(2));
    }

    @AfterEach
    void stop() {
        api.close();
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("kubectl", "--server=" + api.address()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HOME", home.toString());
        builder.environment().put("KUBECONFIG", home.resolve("none").toString());
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    private String kubectl(String... arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    @Test
    void listsANamespace() throws Exception {
        assertThat(kubectl("get", "podkernelmetrics", "-n", "shop")).isEqualTo("""
                NAME      RUNQ-P99   CTXSW/S   TX/S   RX/S   RETRANS/S   RTT-P99   MAJFLT/S   OOM   AGE
                web-1-a   975µs      300       4      5      6           1.1ms     12         55    2s
                web-1-b   20ms       2.4k      -      -      -           -         -          -     2s
                """);
    }

    @Test
    void listsAllNamespacesInPages() throws Exception {
        assertThat(kubectl("get", "pkm", "-A", "--chunk-size=2")).isEqualTo("""
                NAMESPACE   NAME      RUNQ-P99   CTXSW/S   TX/S   RX/S   RETRANS/S   RTT-P99   MAJFLT/S   OOM   AGE
                data        db-0      -          0         -      -      -           -         -          -     2s
                shop        web-1-a   975µs      300       4      5      6           1.1ms     12         55    2s
                shop        web-1-b   20ms       2.4k      -      -      -           -         -          -     2s
                """);
    }

    @Test
    void showsMoreWhenWide() throws Exception {
        assertThat(kubectl(
                        "get",
                        "pkm",
                        "-n",
                        "shop",
                        "-o",
                        "wide",
                        "-l",
                        "app=web",
                        "--field-selector=metadata.name=web-1-a"))
                .isEqualTo("""
                        NAME      RUNQ-P99   CTXSW/S   TX/S   RX/S   RETRANS/S   RTT-P99   MAJFLT/S   OOM   AGE   NODE   WORKLOAD         RUNQ-P50   THROTTLED   CPU-PRESSURE   DISK-R/S   DISK-W/S   WINDOW
                        web-1-a   975µs      300       4      5      6           1.1ms     12         55    2s    n1     deployment.web   896µs      3.4%        3.5%           16         17         5s
                        """);
    }

    @Test
    void sortsByAField() throws Exception {
        assertThat(kubectl("get", "pkm", "-A", "--sort-by={.total.cpu.contextSwitches.total}")
                        .lines()
                        .skip(1)
                        .map(line -> line.split(" +")[1]))
                .containsExactly("db-0", "web-1-a", "web-1-b");
    }

    @Test
    void printsOnePodAsYaml() throws Exception {
        assertThat(kubectl("get", "podkernelmetrics/web-1-b", "-n", "shop", "-o", "yaml"))
                .startsWith(
                        "apiVersion: kernelmetrics.kpod.io/v1beta1\ncontainers:\n- cpu:\n    contextSwitches:\n      rate: \"2400\"\n")
                .contains("\nkind: PodKernelMetrics\n")
                .contains("\nnodeName: n1\n")
                .contains("\nworkload:\n  kind: Deployment\n  name: web\n");
    }

    @Test
    void showsWhoTakesAPodsCpu() throws Exception {
        String[] get = {"get", "pkm", "web-1-a", "-n", "shop", "--subresource=preemptors"};
        assertThat(kubectl(get)).isEqualTo("""
                KIND        NAMESPACE   NAME   CONTAINER   COUNT   SHARE
                Container   data        db-0   postgres    8       73%
                Other       -           -      -           2       18%
                Host        -           -      -           1       9.1%
                """);
        assertThat(kubectl(
                        "get",
                        "pkm/web-1-a",
                        "-n",
                        "shop",
                        "--subresource=preemptors",
                        "-o",
                        "jsonpath={.preemptors[0].pod} {.preemptors[0].share} {.count}"))
                .isEqualTo("db-0 727m 11");
        assertThat(kubectl("get", "pkm/web-1-a", "-n", "shop", "--subresource=preemptors", "-o", "yaml"))
                .contains("\nkind: PodPreemptors\n", "\n- container: postgres\n  count: 8\n  kind: Container\n");
        assertThat(kubectl("explain", "pkm")).contains("KIND:       PodKernelMetrics");
    }

    @Test
    void saysWhyAPodIsAbsent() throws Exception {
        assertThat(kubectl("get", "pkm", "-n", "data", "db-1"))
                .isEqualTo(
                        "Error from server (NotFound): pods.kernelmetrics.kpod.io \"db-1\" not found: no agent has been heard from its "
                                + "node n2 since this server started 12s ago\n");
        assertThat(kubectl("get", "pkm", "-n", "none", "x"))
                .isEqualTo("Error from server (NotFound): namespaces \"none\" not found: there are data, shop\n");
        assertThat(kubectl("get", "pkm", "-n", "none")).isEqualTo("No resources found in none namespace.\n");
    }

    @Test
    void knowsTheResourceByItsNames() throws Exception {
        assertThat(kubectl("api-resources", "--api-group=kernelmetrics.kpod.io"))
                .isEqualTo("""
                NAME        SHORTNAMES   APIVERSION                      NAMESPACED   KIND
                nodes       nkm          kernelmetrics.kpod.io/v1beta1   false        NodeKernelMetrics
                pods        pkm          kernelmetrics.kpod.io/v1beta1   true         PodKernelMetrics
                workloads   wkm          kernelmetrics.kpod.io/v1beta1   true         WorkloadKernelMetrics
                """);
        assertThat(kubectl("api-resources", "--api-group=custom.metrics.k8s.io", "--no-headers"))
                .isEmpty();
    }

    @Test
    void copiesRawAnswers() throws Exception {
        assertThat(
                        kubectl(
                                "get",
                                "--raw",
                                "/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/pods/*/kpod_cpu_context_switches_per_second"))
                .startsWith(
                        "{\"kind\":\"MetricValueList\",\"apiVersion\":\"custom.metrics.k8s.io/v1beta2\",\"metadata\":{},\"items\":[{")
                .contains("\"value\":\"300\"")
                .endsWith("\"value\":\"2400\"}]}");
    }

    @Test
    void followsWhatHappens() throws Exception {
        Process process = start("get", "pkm", "-n", "shop", "-w", "--output-watch-events");
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(lines.readLine()).startsWith("EVENT      NAME      RUNQ-P99   CTXSW/S");
            assertThat(lines.readLine()).startsWith("ADDED      web-1-a   975µs      300");
            assertThat(lines.readLine()).startsWith("ADDED      web-1-b   20ms");
            api.cluster.remove("shop", "web-1-b", "u2");
            assertThat(lines.readLine()).startsWith("DELETED    web-1-b   20ms");
            api.push(agent);
            assertThat(lines.readLine()).startsWith("MODIFIED   web-1-a   975µs      150");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void waitsForAFieldAndForTheEnd() throws Exception {
        assertThat(kubectl("wait", "pkm/web-1-a", "-n", "shop", "--for=jsonpath={.nodeName}=n1", "--timeout=20s"))
                .isEqualTo("podkernelmetrics.kernelmetrics.kpod.io/web-1-a condition met\n");
        Process waiting = start("wait", "pkm/web-1-b", "-n", "shop", "--for=delete", "--timeout=20s");
        waiting.waitFor(2, TimeUnit.SECONDS);
        api.cluster.remove("shop", "web-1-b", "u2");
        assertThat(new String(waiting.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("podkernelmetrics.kernelmetrics.kpod.io/web-1-b condition met\n");
    }

    @Test
    void showsWorkloads() throws Exception {
        assertThat(kubectl("get", "wkm", "-A", "-o", "wide")).isEqualTo("""
                NAMESPACE   NAME             RUNQ-P99   CTXSW/S   TX/S   RX/S   RETRANS/S   RTT-P99   MAJFLT/S   OOM   AGE   PODS   RUNQ-P50   THROTTLED   CPU-PRESSURE   DISK-R/S   DISK-W/S   WINDOW
                data        statefulset.db   -          0         -      -      -           -         -          -     2s    1/2    -          -           -              -          -          5s
                shop        deployment.web   20ms       2.7k      4      5      6           1.1ms     12         55    2s    2/2    935µs      3.4%        3.5%           16         17         5s
                """);
    }

    @Test
    void showsAllOfACategory() throws Exception {
        assertThat(kubectl("get", "kpod", "-n", "shop", "-o", "name").lines())
                .containsExactly(
                        "podkernelmetrics.kernelmetrics.kpod.io/web-1-a",
                        "podkernelmetrics.kernelmetrics.kpod.io/web-1-b",
                        "workloadkernelmetrics.kernelmetrics.kpod.io/deployment.web");
    }

    @Test
    void picksFields() throws Exception {
        assertThat(kubectl("get", "pkm", "-n", "shop", "-o", "jsonpath={.items[*].total.cpu.contextSwitches.rate}"))
                .isEqualTo("300 2400");
        assertThat(kubectl(
                        "get",
                        "pkm",
                        "-A",
                        "--no-headers",
                        "--field-selector=metadata.namespace!=data",
                        "-o",
                        "custom-columns=N:.metadata.name,W:.workload.name"))
                .isEqualTo("web-1-a   web\nweb-1-b   web\n");
    }

    @Test
    void describesAPod() throws Exception {
        assertThat(kubectl("describe", "pkm", "web-1-b", "-n", "shop"))
                .startsWith("Name:         web-1-b\nNamespace:    shop\nLabels:       app=web\n")
                .containsPattern("\nKind: +PodKernelMetrics\n")
                .containsPattern("\nNode Name: +n1\n")
                .containsPattern("\n +Context Switches:\n +Rate: +2400\n +Total: +12000\n");
    }

    @Test
    void explainsEveryLeaf() throws Exception {
        assertThat(kubectl("explain", "podkernelmetrics"))
                .startsWith("GROUP:      kernelmetrics.kpod.io\nKIND:       PodKernelMetrics\nVERSION:    v1beta1\n")
                .contains("DESCRIPTION:\n    What the kernel did to one pod lately.")
                .contains("  nodeName\t<string> -required-\n    Node that the pod is on");
        assertThat(kubectl("explain", "pkm.total.cpu.runQueueLatency.p99"))
                .contains("FIELD: p99 <string>", "DESCRIPTION:\n    99th percentile.");
        assertThat(kubectl("explain", "nkm.collectors.reason")).contains("The kernel hook or file that it runs on");
        Map<String, String> leaves = leaves();
        assertThat(leaves)
                .containsEntry("podkernelmetrics.containers.cpu.throttled.periods", "<integer>")
                .containsKeys("workloadkernelmetrics.pods.measured", "nodekernelmetrics.collectors.running")
                .hasSizeGreaterThan(70);
        try (ExecutorService together = Executors.newFixedThreadPool(4)) {
            List<Future<String>> explanations = new ArrayList<>();
            for (String path : leaves.keySet()) {
                explanations.add(together.submit(() -> kubectl("explain", path)));
            }
            int at = 0;
            for (Map.Entry<String, String> field : leaves.entrySet()) {
                String name = field.getKey().substring(field.getKey().lastIndexOf('.') + 1);
                assertThat(explanations.get(at++).get())
                        .as(field.getKey())
                        .contains("\nFIELD: " + name + " " + field.getValue() + "\n")
                        .containsPattern("\nDESCRIPTION:\n    [^\\s<]");
            }
        }
    }

    /** Every leaf that {@code explain --recursive} shows, and its type; those of a type that occurs twice once. */
    private Map<String, String> leaves() throws IOException, InterruptedException {
        Map<String, String> leaves = new LinkedHashMap<>();
        Set<String> shown = new HashSet<>();
        for (String kind : List.of("podkernelmetrics", "workloadkernelmetrics", "nodekernelmetrics")) {
            List<String> path = new ArrayList<>(List.of(kind));
            int shownFrom = Integer.MAX_VALUE;
            for (String text : kubectl("explain", kind, "--recursive").lines().toList()) {
                Matcher field = FIELD.matcher(text);
                if (!field.matches() || field.group(1).length() / 2 > shownFrom) {
                    continue;
                }
                int depth = field.group(1).length() / 2;
                path.subList(depth, path.size()).clear();
                path.add(field.group(2));
                leaves.remove(String.join(".", path.subList(0, depth)));
                leaves.put(String.join(".", path), field.group(3));
                shownFrom = shown.add(field.group(4)) ? Integer.MAX_VALUE : depth;
            }
        }
        return leaves;
    }
}
