package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a real kube-apiserver and kubectl make of kpod's pods, beside what they make of the core pods of the same names:
 * they must not differ but in what the objects are called and what is measured.
 */
@Timeout(300)
class BesideBuiltInResourcesTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final List<String> RESOURCES = List.of("pods", "pkm");
    /** Pods whose lists are larger than what a kube-apiserver sends as it is. */
    private static final int LARGE_PODS = 10;

    private static final int LARGE_LABELS = 80;

    @TempDir
    static Path folder;

    private static ControlPlane cluster;
    private static ServerProcess server;
    private static InsideProcess nodes;

    @BeforeAll
    static void podsAreMeasured() throws Exception {
        cluster = ControlPlane.start();
        Installation.apply(cluster, folder);
        Installation.agentPod(cluster, folder, "agent-1", "n1");
        Installation.agentPod(cluster, folder, "agent-2", "n2");
        server = new ServerProcess(
                cluster, folder, Installation.token(cluster, "kpod-api-server", "--duration=2h"), 6443, 8443);
        cluster.apply(
                folder,
                Stream.concat(
                                Stream.of(
                                        namespace("data"),
                                        namespace("empty"),
                                        namespace("large"),
                                        namespace("watched"),
                                        pod("shop", "web-0", "n1", "app: web, tier: front"),
                                        pod("shop", "web-1", "n1", "app: web"),
                                        pod("shop", "db-0", "n2", "app: db"),
                                        pod("data", "cache-0", "n2", "app: cache, tier: back"),
                                        pod("data", "cache-1", "n1", "app: cache"),
                                        """
                                apiVersion: apiextensions.k8s.io/v1
                                kind: CustomResourceDefinition
                                metadata: {name: things.example.org}
                                spec:
                                  group: example.org
                                  scope: Namespaced
                                  names: {plural: things, singular: thing, kind: Thing}
                                  versions:
                                    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
                                """),
                                IntStream.range(0, LARGE_PODS).mapToObj(i -> pod("large", "p" + i, "n1", manyLabels())))
                        .reduce((a, b) -> a + "\n---\n" + b)
                        .orElseThrow());
        Path bundle = Files.writeString(
                folder.resolve("ca.crt"),
                cluster.kubectl("get", "configmap", "kpod-ca", "-n", "kpod", "-o", "jsonpath={.data.ca\\.crt}"));
        nodes = new InsideProcess(
                cluster,
                folder,
                Files.writeString(folder.resolve("hosts"), ""),
                Installation.simulationToken(cluster, folder),
                SimulatedNodes.class,
                List.of(
                        Files.writeString(folder.resolve("load"), "load.all=1000\n")
                                .toString(),
                        bundle.toString(),
                        "https://" + ControlPlane.ADDRESS + ":8443/ingest/v1/summaries",
                        "n1=" + Installation.agentToken(cluster, "agent-1"),
                        "n2=" + Installation.agentToken(cluster, "agent-2")));
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> cluster.tryKubectl("get", "pkm", "-A", "-o", "name")
                                .out()
                                .lines()
                                .count()
                        == 5 + LARGE_PODS);
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable one : new AutoCloseable[] {nodes, server}) {
            if (one != null) {
                one.close();
            }
        }
        if (cluster != null) {
            cluster.stop();
        }
    }

    private static String namespace(String name) {
        return "{apiVersion: v1, kind: Namespace, metadata: {name: " + name + "}}";
    }

    private static String pod(String namespace, String name, String node, String labels) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, namespace: %s, labels: {load: all, %s}}
                spec: {nodeName: %s, containers: [{name: app, image: none}]}
                """.formatted(name, namespace, labels, node);
    }

    private static String manyLabels() {
        return IntStream.range(0, LARGE_LABELS)
                .mapToObj(i -> "l" + i + "." + "x".repeat(60) + "." + "y".repeat(60) + "/" + "z".repeat(60) + ": "
                        + "v".repeat(60))
                .reduce((a, b) -> a + ", " + b)
                .orElseThrow();
    }

    /** What is printed for each of the two, kpod's in the words of the core's. */
    private static List<ControlPlane.Result> both(String arguments) throws Exception {
        List<CompletableFuture<ControlPlane.Result>> answers = new ArrayList<>();
        for (String resource : RESOURCES) {
            answers.add(CompletableFuture.supplyAsync(() -> kubectl(arguments.replace("PODS", resource))));
        }
        List<ControlPlane.Result> results = new ArrayList<>();
        for (CompletableFuture<ControlPlane.Result> answer : answers) {
            results.add(answer.get());
        }
        return results;
    }

    private static ControlPlane.Result kubectl(String arguments) {
        try {
            ControlPlane.Result result = cluster.tryKubectl(words(arguments));
            return new ControlPlane.Result(result.exit(), core(result.out()), core(result.error()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Splits at spaces that are not between single quotes. */
    private static String[] words(String line) {
        return Stream.of(line.split(" +(?=(?:[^']*'[^']*')*[^']*$)"))
                .map(word -> word.replace("'", ""))
                .toArray(String[]::new);
    }

    private static String core(String text) {
        return text.replace("podkernelmetrics.kernelmetrics.kpod.io", "pod")
                .replace("pods.kernelmetrics.kpod.io", "pods")
                .replace("podkernelmetrics", "pods")
                .replace("kernelmetrics.kpod.io/v1beta1, Resource=pods", "/v1, Resource=pods")
                .replace("kernelmetrics.kpod.io/v1beta1", "v1")
                .replace("PodKernelMetrics", "Pod");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get PODS -n shop -o name",
                "get PODS -A -l app -o name",
                "get PODS -n shop -l app=web,tier -o name",
                "get PODS -n shop -l 'app in (web,db),!tier' -o name",
                "get PODS -A -l app --field-selector=spec.nodeName=n1 -o name",
                "get PODS -A -l app --field-selector=metadata.namespace!=shop,metadata.name!=cache-0 -o name",
                "get PODS -n shop --field-selector=metadata.name=none",
                "get PODS -A -l app --chunk-size=2 --sort-by=.metadata.uid -o name",
                "get PODS -n shop web-0 db-0 -o 'jsonpath={.kind} {.apiVersion} {.items[*].metadata.uid}'",
                "get PODS -n shop web-0 -o 'jsonpath={.kind} {.apiVersion} {.metadata.name} {.metadata.labels}'",
                "get PODS -A -l app -o 'custom-columns=N:.metadata.name,C:.metadata.creationTimestamp,L:.metadata.labels.tier'",
                "get PODS -n shop -o 'go-template={{range .items}}{{.metadata.name}} {{.kind}};{{end}}'",
                "get PODS -n empty",
                "get PODS -n empty -o json",
                "get PODS -n empty -o yaml",
                "get PODS -n shop none --ignore-not-found",
                "get PODS -n shop -l 'app in'",
                "get PODS -n shop --field-selector=app",
                "get PODS -n shop web-0 -l app=web",
                "get PODS -n shop web-0 -o jsonpath={.nothing}",
                "describe PODS -n empty",
                "wait PODS/web-0 -n shop --for=jsonpath={.metadata.labels.app}=web --timeout=20s",
                "wait PODS -l app=web -n shop --for=jsonpath={.metadata.namespace}=shop --timeout=20s",
                "wait PODS/none -n shop --for=delete --timeout=20s",
                "wait PODS/web-0 -n shop --for=delete --timeout=3s",
                "auth can-i watch PODS -n shop --as=nobody",
            })
    void kubectlPrintsTheSame(String arguments) throws Exception {
        List<ControlPlane.Result> results = both(arguments);
        assertThat(results.getLast()).isEqualTo(results.getFirst());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get PODS -n shop none",
                "get PODS -n shop web-0 none -o name",
                "describe PODS -n shop none",
                "get PODS -n shop --field-selector=spec.hostname=a",
                "wait PODS/none -n shop --for=jsonpath={.kind}=x --timeout=1s",
            })
    void kubectlSaysTheSameAndWhy(String arguments) throws Exception {
        List<ControlPlane.Result> results = both(arguments);
        assertThat(results.getLast().exit())
                .isEqualTo(results.getFirst().exit())
                .isNotZero();
        assertThat(results.getLast().out()).isEqualTo(results.getFirst().out());
        assertThat(results.getLast().error())
                .startsWith(results.getFirst().error().strip());
    }

    /** Of a line its words; of a table the first column, or two, and the last are what no measuring changes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "get PODS -n shop --show-labels",
                "get PODS -n shop -L app",
                "get PODS -n shop -o wide -L app",
                "get PODS -n shop --no-headers -L app",
                "get PODS -n shop --show-kind -L app",
                "get PODS -A -l app --sort-by=.metadata.uid --chunk-size=2 -L app",
                "get PODS/web-1 -n shop --show-labels",
            })
    void tablesHaveTheSameRowsAndLabels(String arguments) throws Exception {
        Function<ControlPlane.Result, List<String>> ends = result -> result.out()
                .lines()
                .map(line -> line.split(" +"))
                .map(line -> line[0] + " " + (arguments.contains("-A") ? line[1] : "") + " " + line[line.length - 1])
                .toList();
        List<ControlPlane.Result> results = both(arguments);
        assertThat(results.getLast().error()).isEmpty();
        assertThat(ends.apply(results.getLast()))
                .isEqualTo(ends.apply(results.getFirst()))
                .hasSizeGreaterThan(arguments.contains("/") ? 1 : 2);
    }

    @Test
    void describeBeginsTheSame() throws Exception {
        List<List<String>> heads = new ArrayList<>();
        for (ControlPlane.Result result : both("describe PODS web-0 -n shop")) {
            heads.add(result.out()
                    .lines()
                    .filter(line -> line.matches("(Name|Namespace|Labels):.*| +(load|tier)=.*"))
                    .map(line -> line.strip().replaceAll(" +", " "))
                    .toList());
            assertThat(result.out()).contains("\nEvents:");
        }
        assertThat(heads.getLast())
                .isEqualTo(heads.getFirst())
                .containsExactly("Name: web-0", "Namespace: shop", "Labels: app=web", "load=all", "tier=front");
    }

    /** Those that the core API only shows, too, can't be changed. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "delete THING",
                "label THING a=b",
                "annotate THING a=b",
                "patch THING -p {\"a\":1} --type=merge",
            })
    void whatIsOnlyShownCantBeChanged(String arguments) {
        ControlPlane.Result core = kubectl(arguments.replace("THING", "componentstatus etcd-0"));
        ControlPlane.Result own = kubectl(arguments.replace("THING", "pkm web-0 -n shop"));
        String refusal = "Error from server (MethodNotAllowed): the server does not allow ";
        assertThat(own.exit()).isEqualTo(core.exit()).isNotZero();
        assertThat(core.error()).contains(refusal);
        assertThat(own.error()).startsWith(refusal);
    }

    @Test
    void theResourcesAreKnownByTheirNamesAndCategory() throws Exception {
        assertThat(cluster.kubectl("api-resources", "--api-group=kernelmetrics.kpod.io", "-o", "wide")
                        .lines()
                        .map(line -> line.replaceAll(" +", " "))
                        .toList())
                .containsExactly(
                        "NAME SHORTNAMES APIVERSION NAMESPACED KIND VERBS CATEGORIES",
                        "nodes nkm kernelmetrics.kpod.io/v1beta1 false NodeKernelMetrics get,list,watch kpod",
                        "pods pkm kernelmetrics.kpod.io/v1beta1 true PodKernelMetrics get,list,watch kpod",
                        "workloads wkm kernelmetrics.kpod.io/v1beta1 true WorkloadKernelMetrics get,list,watch kpod");
        assertThat(cluster.kubectl("api-resources", "--categories=kpod", "-o", "name")
                        .lines())
                .containsExactlyInAnyOrder(
                        "nodes.kernelmetrics.kpod.io", "pods.kernelmetrics.kpod.io", "workloads.kernelmetrics.kpod.io");
        String pod = "podkernelmetrics.kernelmetrics.kpod.io/web-0\n";
        for (String name : List.of(
                "pkm", "podkernelmetrics", "pods.kernelmetrics.kpod.io", "pods.v1beta1.kernelmetrics.kpod.io")) {
            assertThat(cluster.kubectl("get", name + "/web-0", "-n", "shop", "-o", "name"))
                    .isEqualTo(pod);
        }
        assertThat(cluster.kubectl("get", "pods,pkm", "web-0", "-n", "shop", "-o", "name"))
                .isEqualTo("pod/web-0\n" + pod);
        assertThat(cluster.kubectl("get", "kpod", "-n", "data", "-o", "name").lines())
                .contains(
                        "nodekernelmetrics.kernelmetrics.kpod.io/n1",
                        "podkernelmetrics.kernelmetrics.kpod.io/cache-0",
                        "workloadkernelmetrics.kernelmetrics.kpod.io/pod.cache-1");
    }

    /** Beginning and end of pods are told alike, to each kind of watch, and waiting for them works alike. */
    @Test
    void watchesTellTheSameBeginningsAndEnds() throws Exception {
        List<String> watches = List.of(
                "get PODS -n watched -w --output-watch-events",
                "get PODS -n watched -l app=late -w --output-watch-events",
                "get PODS -n watched --field-selector=metadata.name!=late-2 --watch-only --output-watch-events",
                "get PODS -A --field-selector=metadata.namespace=watched -w --output-watch-events");
        cluster.apply(folder, pod("watched", "early", "n1", "app: early"));
        await().atMost(SOON)
                .until(() -> cluster.tryKubectl("get", "pkm", "early", "-n", "watched")
                                .exit()
                        == 0);
        List<Process> running = new ArrayList<>();
        List<List<Path>> outputs = new ArrayList<>();
        List<List<Path>> waits = new ArrayList<>();
        try {
            for (String resource : RESOURCES) {
                List<Path> output = new ArrayList<>();
                for (String watch : watches) {
                    output.add(start(watch.replace("PODS", resource), running));
                }
                outputs.add(output);
                waits.add(List.of(
                        start("wait " + resource + "/late-1 -n watched --for=create --timeout=60s", running),
                        start("wait " + resource + "/early -n watched --for=delete --timeout=60s", running)));
            }
            for (List<Path> output : outputs) {
                awaitLine(output.getFirst(), "ADDED early");
                awaitLine(output.getLast(), "ADDED watched early");
            }
            Thread.sleep(1_000); // the watch that says nothing at its beginning
            for (String name : List.of("late-1", "late-2")) {
                cluster.apply(folder, pod("watched", name, "n2", "app: late"));
                for (List<Path> output : outputs) {
                    awaitLine(output.getFirst(), "ADDED " + name);
                    awaitLine(output.get(1), "ADDED " + name);
                }
            }
            for (String name : List.of("late-2", "early", "late-1")) {
                cluster.kubectl("delete", "pod", name, "-n", "watched", "--force", "--grace-period=0");
                for (List<Path> output : outputs) {
                    awaitLine(output.getFirst(), "DELETED " + name);
                }
            }
            for (List<Path> output : outputs) {
                awaitLine(output.get(1), "DELETED late-1");
                awaitLine(output.get(2), "DELETED late-1");
                awaitLine(output.get(3), "DELETED watched late-1");
            }
            for (int i = 0; i < watches.size(); i++) {
                assertThat(told(outputs.getLast().get(i)))
                        .as(watches.get(i))
                        .isEqualTo(told(outputs.getFirst().get(i)))
                        .hasSizeGreaterThan(3);
            }
            for (int i = 0; i < 2; i++) {
                Path own = waits.getLast().get(i);
                Path core = waits.getFirst().get(i);
                await().atMost(SOON).until(() -> Files.size(own) > 0 && Files.size(core) > 0);
                assertThat(core(Files.readString(own)))
                        .isEqualTo(Files.readString(core))
                        .contains("condition met");
            }
        } finally {
            running.forEach(Process::destroyForcibly);
        }
    }

    private static Path start(String arguments, List<Process> running) throws Exception {
        Path out = Files.createTempFile(folder, "watch", ".out");
        running.add(new ProcessBuilder(cluster.kubectlCommand(words(arguments)))
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start());
        return out;
    }

    private static void awaitLine(Path output, String line) {
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(told(output)).contains(line));
    }

    /** Event and name, or namespace and name, of each line but those of changes. */
    private static List<String> told(Path output) throws Exception {
        return Files.readString(output)
                .lines()
                .map(line -> line.split(" +"))
                .filter(line -> !line[0].equals("MODIFIED"))
                .map(line -> line[0] + " " + line[1] + (line[1].matches("NAMESPACE|watched") ? " " + line[2] : ""))
                .toList();
    }

    /** The status and, of an answer that is no refusal, its type and what it is encoded in. */
    private static String head(String path, String... headers) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "--cert",
                cluster.pki("admin.crt").toString(),
                "--key",
                cluster.pki("admin.key").toString(),
                "-o",
                "/dev/null",
                "-D",
                "-"));
        for (String header : headers) {
            arguments.addAll(List.of("-H", header));
        }
        arguments.add("https://127.0.0.1:443" + path);
        // The core says 429 while it fills a custom resource's watch cache; every Kubernetes client asks again then.
        String answer = await().atMost(SOON)
                .until(() -> cluster.curl(arguments.toArray(String[]::new)).out(), out -> !out.endsWith("429"));
        boolean refused = answer.endsWith("406");
        return answer.lines()
                .map(line -> line.toLowerCase(Locale.ROOT).strip())
                .filter(line -> line.matches("(content-type|content-encoding):.*|\\d+"))
                .sorted()
                .filter(line -> !refused || line.matches("\\d+"))
                .reduce("", (a, b) -> a + b + "\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "application/yaml",
                "*/*",
                "application/*",
                "text/html",
                "application/vnd.kubernetes.protobuf",
                "application/vnd.kubernetes.protobuf,application/json",
                "application/vnd.kubernetes.protobuf, */*",
                "application/cbor,application/json",
                "application/json;as=Table;v=v1;g=meta.k8s.io",
                "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
                "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1;g=meta.k8s.io",
                "application/json;as=Table;v=v9;g=meta.k8s.io",
                "application/json;as=Nothing;v=v1;g=meta.k8s.io,application/json",
                "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
                "application/json;pretty=1;profile=x",
            })
    void contentIsNegotiatedAsForACustomResource(String accept) throws Exception {
        assertThat(head("/apis/kernelmetrics.kpod.io/v1beta1/namespaces/empty/pods", "Accept: " + accept))
                .isEqualTo(head("/apis/example.org/v1/namespaces/empty/things", "Accept: " + accept));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "gzip, deflate", "identity", "deflate", "gzip;q=0"})
    void largeAnswersAreCompressedAsThoseOfTheCore(String encodings) throws Exception {
        for (String namespace : List.of("large", "shop")) {
            String path = "/namespaces/" + namespace + "/pods";
            assertThat(head(
                            "/apis/kernelmetrics.kpod.io/v1beta1" + path,
                            "Accept: application/json",
                            "Accept-Encoding: " + encodings))
                    .as(namespace)
                    .isEqualTo(head("/api/v1" + path, "Accept: application/json", "Accept-Encoding: " + encodings));
        }
    }
}
