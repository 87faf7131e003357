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

    private JsonNode document() throws Exception {
        return api.json(api.json("/openapi/v3")
                .at("/paths")
                .get(GROUP)
                .at("/serverRelativeURL")
                .asString());
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
                "/namespaces/{namespace}/pods        | PodKernelMetrics      | list",
                "/pods                               | PodKernelMetrics      | list",
                "/namespaces/{namespace}/pods/{name} | PodKernelMetrics      | get",
                "/namespaces/{namespace}/pods/{name}/preemptors | PodPreemptors | get",
                "/workloads                          | WorkloadKernelMetrics | list",
                "/nodes                              | NodeKernelMetrics     | list",
                "/nodes/{name}                       | NodeKernelMetrics     | get",
            })
    void everyPathNamesItsKind(String path, String kind, String action) throws Exception {
        for (JsonNode document : List.of(document(), api.json("/openapi/v2"))) {
            JsonNode get = document.at("/paths").get("/" + GROUP + path).at("/get");
            assertThat(get.at("/x-kubernetes-group-version-kind").toString())
                    .isEqualTo(
                            "{\"group\":\"kernelmetrics.kpod.io\",\"kind\":\"" + kind + "\",\"version\":\"v1beta1\"}");
            assertThat(get.at("/x-kubernetes-action").asString()).isEqualTo(action);
        }
    }

    @Test
    void everyReferenceLeadsSomewhereAndEveryFieldIsDescribed() throws Exception {
        JsonNode v3 = document();
        JsonNode v2 = api.json("/openapi/v2");
        assertThat(references(v3))
                .allMatch(reference -> !v3.at(reference.substring(1)).isMissingNode());
        assertThat(references(v2))
                .allMatch(reference -> !v2.at(reference.substring(1)).isMissingNode());
        for (JsonNode schemas : List.of(v3.at("/components/schemas"), v2.at("/definitions"))) {
            assertThat(schemas.size()).isGreaterThan(20);
            schemas.forEach(schema -> schema.at("/properties")
                    .forEach(property ->
                            assertThat(property.at("/description").asString()).isNotEmpty()));
        }
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
        JsonNode document = document();
        List<String> wrong = new ArrayList<>();
        for (String path :
                List.of("pods", "nodes", "workloads", "pods?limit=-1", "namespaces/shop/pods/web/preemptors")) {
            JsonNode answer = api.json("/" + GROUP + "/" + path);
            String kind = answer.at("/kind").asString();
            JsonNode schema = document.at("/components/schemas").get("io.kpod.kernelmetrics.v1beta1." + kind);
            check(kind, answer, schema, document, wrong);
        }
        assertThat(wrong).isEmpty();
    }

    private static void check(String path, JsonNode value, JsonNode schema, JsonNode document, List<String> wrong) {
        JsonNode resolved = schema;
        if (schema.has("allOf")) {
            resolved = schema.at("/allOf/0");
        }
        if (resolved.has("$ref")) {
            resolved = document.at(resolved.at("/$ref").asString().substring(1));
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
