package io.kpod.apiserver.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.TestApi;
import io.kpod.apiserver.window.TestAgent;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the documents must be by kube-openapi's handlers, and that answers are what they say. */
class OpenApiTest {
    private static final String GROUP = "apis/kernelmetrics.kpod.io/v1beta1";

    private final TestApi api = new TestApi();

    @AfterEach
    void stop() {
        api.close();
    }

    private JsonNode document(String group) throws Exception {
        return api.json(api.json("/openapi/v3")
                .at("/paths")
                .get(group)
                .at("/serverRelativeURL")
                .asString());
    }

    private JsonNode document() throws Exception {
        return document(GROUP);
    }

    /** That of OpenAPI 2 and all of OpenAPI 3. */
    private List<JsonNode> documents() throws Exception {
        List<JsonNode> documents = new ArrayList<>(List.of(api.json("/openapi/v2")));
        for (String group : api.json("/openapi/v3").at("/paths").propertyNames()) {
            documents.add(document(group));
        }
        return documents;
    }

    @Test
    void theIndexLeadsToADocumentThatMayBeKept() throws Exception {
        String url = api.json("/openapi/v3")
                .at("/paths")
                .get(GROUP)
                .at("/serverRelativeURL")
                .asString();
        HttpResponse<String> answer = api.get(url);
        assertThat(answer.headers().firstValue("Cache-Control").orElseThrow()).contains("immutable");
        assertThat(url)
                .endsWith("?hash="
                        + answer.headers().firstValue("ETag").orElseThrow().replace("\"", ""));
        HttpResponse<String> other = api.get("/openapi/v3/" + GROUP + "?hash=other");
        assertThat(other.statusCode()).isEqualTo(200);
        assertThat(other.headers().firstValue("Cache-Control")).contains("no-cache");
        HttpResponse<String> known = api.get(
                "/openapi/v2",
                "If-None-Match",
                api.get("/openapi/v2").headers().firstValue("ETag").orElseThrow());
        assertThat(known.statusCode()).isEqualTo(304);
        assertThat(api.get(url, "Accept", "application/com.github.proto-openapi.spec.v3@v1.0+protobuf")
                        .statusCode())
                .isEqualTo(406);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kernelmetrics.kpod.io/v1beta1 | /namespaces/{namespace}/pods        | PodKernelMetrics      | list",
                "kernelmetrics.kpod.io/v1beta1 | /pods                               | PodKernelMetrics      | list",
                "kernelmetrics.kpod.io/v1beta1 | /namespaces/{namespace}/pods/{name} | PodKernelMetrics      | get",
                "kernelmetrics.kpod.io/v1beta1 | /namespaces/{namespace}/pods/{name}/preemptors | PodPreemptors | get",
                "kernelmetrics.kpod.io/v1beta1 | /workloads                          | WorkloadKernelMetrics | list",
                "kernelmetrics.kpod.io/v1beta1 | /nodes                              | NodeKernelMetrics     | list",
                "kernelmetrics.kpod.io/v1beta1 | /nodes/{name}                       | NodeKernelMetrics     | get",
                "custom.metrics.k8s.io/v1beta1 | /namespaces/{namespace}/{resource}/{name}/{metric} | MetricValueList | get",
                "custom.metrics.k8s.io/v1beta2 | /namespaces/{namespace}/metrics/{metric} | MetricValueList | get",
                "custom.metrics.k8s.io/v1beta2 | /nodes/{name}/{metric}              | MetricValueList       | get",
                "external.metrics.k8s.io/v1beta1 | /namespaces/{namespace}/{metric}  | ExternalMetricValueList | list",
            })
    void everyPathNamesItsKind(String group, String path, String kind, String action) throws Exception {
        for (JsonNode document : List.of(document("apis/" + group), api.json("/openapi/v2"))) {
            JsonNode get = document.at("/paths").get("/apis/" + group + path).at("/get");
            String[] parts = group.split("/");
            assertThat(get.at("/x-kubernetes-group-version-kind").toString())
                    .isEqualTo("{\"group\":\"" + parts[0] + "\",\"kind\":\"" + kind + "\",\"version\":\"" + parts[1]
                            + "\"}");
            assertThat(get.at("/x-kubernetes-action").asString()).isEqualTo(action);
        }
    }

    @Test
    void everyReferenceLeadsSomewhereAndEveryFieldIsDescribed() throws Exception {
        for (JsonNode document : documents()) {
            assertThat(references(document))
                    .allMatch(reference -> !document.at(reference.substring(1)).isMissingNode());
            JsonNode schemas =
                    document.has("definitions") ? document.at("/definitions") : document.at("/components/schemas");
            assertThat(schemas.size()).isGreaterThan(5);
            schemas.forEach(schema -> schema.at("/properties")
                    .forEach(property ->
                            assertThat(property.at("/description").asString()).isNotEmpty()));
        }
    }

    @Test
    void everyOperationHasANameOfItsOwnItsParametersAndItsRefusals() throws Exception {
        for (JsonNode document : documents()) {
            TreeSet<String> names = new TreeSet<>();
            document.at("/paths").properties().forEach(path -> {
                JsonNode get = path.getValue().at("/get");
                assertThat(names.add(get.at("/operationId").asString()))
                        .as(path.getKey())
                        .isTrue();
                assertThat(get.at("/responses").propertyNames())
                        .as(path.getKey())
                        .contains("200", "400", "401", "403", "406", "413", "429", "431", "503")
                        .doesNotContain("500", "default");
                assertThat(get.at("/responses/429/headers").has("Retry-After")).isTrue();
                TreeSet<String> inPath = new TreeSet<>();
                for (JsonNode parameters : List.of(path.getValue().at("/parameters"), get.at("/parameters"))) {
                    parameters.forEach(parameter -> {
                        assertThat(parameter.at("/description").asString()).isNotEmpty();
                        if (parameter.at("/in").asString().equals("path")) {
                            inPath.add(parameter.at("/name").asString());
                        }
                    });
                }
                assertThat(inPath)
                        .containsExactlyElementsOf(new TreeSet<>(Pattern.compile("\\{(\\w+)}")
                                .matcher(path.getKey())
                                .results()
                                .map(result -> result.group(1))
                                .toList()));
            });
        }
        assertThat(names(
                        document("apis/custom.metrics.k8s.io/v1beta2"),
                        "/namespaces/{namespace}/{resource}/{name}/{metric}"))
                .contains("metricLabelSelector", "labelSelector");
        assertThat(names(document("apis/external.metrics.k8s.io/v1beta1"), "/namespaces/{namespace}/{metric}"))
                .contains("labelSelector");
        assertThat(names(document(), "/pods"))
                .contains(
                        "window",
                        "sortBy",
                        "limit",
                        "continue",
                        "labelSelector",
                        "fieldSelector",
                        "watch",
                        "allowWatchBookmarks",
                        "sendInitialEvents",
                        "resourceVersion",
                        "resourceVersionMatch",
                        "timeoutSeconds",
                        "pretty");
    }

    private static List<String> names(JsonNode document, String path) {
        List<String> names = new ArrayList<>();
        document.at("/paths").properties().stream()
                .filter(entry ->
                        entry.getKey().endsWith("1" + path) || entry.getKey().endsWith("2" + path))
                .forEach(entry -> {
                    for (String parameters : List.of("/parameters", "/get/parameters")) {
                        entry.getValue()
                                .at(parameters)
                                .forEach(parameter ->
                                        names.add(parameter.at("/name").asString()));
                    }
                });
        return names;
    }

    /** Found by hack/tests/fuzz: each was a 500. */
    @Test
    void whatIsNothingButSeparatorsIsRefused() throws Exception {
        assertThat(api.get("/" + GROUP + "/pods?sortBy=.").statusCode()).isEqualTo(400);
        assertThat(api.get("/" + GROUP + "/pods", "Accept", ";").statusCode()).isEqualTo(406);
    }

    /** A kube-apiserver would show them as that adapter's. */
    @Test
    void ofAGroupThatAnotherAdapterHasNothingIsSaid() throws Exception {
        assertThat(api.json("/openapi/v3").at("/paths").propertyNames())
                .containsExactlyInAnyOrder(
                        GROUP,
                        "apis/custom.metrics.k8s.io/v1beta1",
                        "apis/custom.metrics.k8s.io/v1beta2",
                        "apis/external.metrics.k8s.io/v1beta1");
        String before = api.get("/openapi/v2").headers().firstValue("ETag").orElseThrow();
        api.foreign.add("custom.metrics.k8s.io");
        assertThat(api.json("/openapi/v3").at("/paths").propertyNames())
                .containsExactlyInAnyOrder(GROUP, "apis/external.metrics.k8s.io/v1beta1");
        assertThat(api.get("/openapi/v2", "If-None-Match", before).body())
                .contains("external.metrics.k8s.io")
                .doesNotContain("custom.metrics.k8s.io");
        assertThat(api.get("/openapi/v3/apis/custom.metrics.k8s.io/v1beta1").statusCode())
                .isEqualTo(404);
        api.foreign.clear();
        assertThat(api.get("/openapi/v2", "If-None-Match", before).statusCode()).isEqualTo(304);
    }

    private static TreeSet<String> references(JsonNode document) {
        TreeSet<String> references = new TreeSet<>();
        document.findValues("$ref").forEach(reference -> references.add(reference.asString()));
        return references;
    }

    /** Everything that is served of a pod that has every signal stands in the schema, with the right type. */
    @Test
    void answersAreWhatTheSchemaSays() throws Exception {
        TestAgent agent = new TestAgent("n1").overflowed(1);
        api.cluster.pod("shop", "web", "u1", "n1", Map.of("app", "web")).node("n1", Map.of());
        TestAgent.Container app = agent.start("shop", "web", "u1", "app");
        api.push(agent);
        app.everySignal(label -> label.equals("by") ? "self" : "x", metric -> true)
                .add(Catalogue.CPU_PREEMPTORS, String.join(Metric.LABEL_SEPARATOR, "a", "b", "c"), 1)
                .add(Catalogue.CPU_PREEMPTORS, Metric.LABEL_SEPARATOR.repeat(2) + "kubelet.service", 1);
        api.push(agent);
        List<String> wrong = new ArrayList<>();
        for (String path :
                List.of("pods", "nodes", "workloads", "pods?limit=x", "namespaces/shop/pods/web/preemptors")) {
            check(GROUP, "io.kpod.kernelmetrics.v1beta1.", "/" + path, wrong);
        }
        String custom = "apis/custom.metrics.k8s.io/";
        for (String path : List.of(
                "/namespaces/shop/pods/*/kpod_cpu_context_switches_per_second",
                "/namespaces/shop/pods/web/kpod_cpu_runqueue_latency_seconds?metricLabelSelector=stat%3Dp50",
                "/namespaces/shop/metrics/kpod_mem_working_set_bytes",
                "/namespaces/shop/pods/web/kpod_nothing",
                "/nodes/n1/kpod_cpu_context_switches_per_second")) {
            check(custom + "v1beta1", "io.k8s.metrics.custom.v1beta1.", path, wrong);
            check(custom + "v1beta2", "io.k8s.metrics.custom.v1beta2.", path, wrong);
        }
        check(
                "apis/external.metrics.k8s.io/v1beta1",
                "io.k8s.metrics.external.v1beta1.",
                "/namespaces/shop/kpod_cpu_context_switches_per_second?labelSelector=app%3Dweb",
                wrong);
        assertThat(wrong).isEmpty();
    }

    private void check(String group, String schemas, String path, List<String> wrong) throws Exception {
        JsonNode document = document(group);
        JsonNode answer = api.json("/" + group + path);
        String kind = answer.at("/kind").asString();
        boolean refused = path.contains("nothing") || path.contains("limit=x");
        assertThat(kind).as(path).matches(refused ? "Status" : "\\w+List|PodPreemptors");
        check(kind, answer, document.at("/components/schemas").get(schemas + kind), document, wrong);
    }

    private static void check(String path, JsonNode value, JsonNode schema, JsonNode document, List<String> wrong) {
        JsonNode resolved = schema;
        if (schema.has("allOf")) {
            resolved = schema.at("/allOf/0");
        }
        if (resolved.has("$ref")) {
            resolved = document.at(resolved.at("/$ref").asString().substring(1));
        }
        if (value.isNull() && resolved.at("/nullable").asBoolean(false)) {
            return;
        }
        boolean fits = switch (resolved.at("/type").asString()) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "integer" -> value.isIntegralNumber();
            case "boolean" -> value.isBoolean();
            default -> false;
        };
        if (!fits) {
            wrong.add(path + " is no " + resolved.at("/type"));
        }
        for (JsonNode required : resolved.at("/required")) {
            if (!value.has(required.asString())) {
                wrong.add(path + " has no " + required);
            }
        }
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            JsonNode property = resolved.has("additionalProperties")
                    ? resolved.at("/additionalProperties")
                    : resolved.at("/properties").path(field.getKey());
            if (property.isMissingNode()) {
                wrong.add(path + "." + field.getKey() + " is in no schema");
            } else {
                check(path + "." + field.getKey(), field.getValue(), property, document, wrong);
            }
        }
        if (value.isArray()) {
            for (JsonNode item : value) {
                check(path + "[]", item, resolved.at("/items"), document, wrong);
            }
        }
    }

    @Test
    void theDocumentsAreJson() throws Exception {
        assertThat(JsonMapper.shared()
                        .readTree(api.get("/openapi/v2").body())
                        .at("/swagger")
                        .asString())
                .isEqualTo("2.0");
        assertThat(document().at("/openapi").asString()).isEqualTo("3.0.0");
    }
}
