package io.kpod.apiserver.openapi;

import io.kpod.apiserver.status.Status;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Operations, with what Kubernetes adds to OpenAPI. */
final class Operations {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String JSON_TYPE = "application/json";

    private final Dialect dialect;
    private final Schemas schemas;

    Operations(Dialect dialect, Schemas schemas) {
        this.dialect = dialect;
        this.schemas = schemas;
    }

    /**
     * An operation without its answers.
     *
     * @param verb as names of operations begin: read, list
     * @param of as they end, after the version
     */
    ObjectNode operation(GroupVersionKind kind, String action, String verb, String of, String description) {
        String tag = tag(kind);
        ObjectNode operation = JSON.objectNode()
                .put("description", description)
                .put("operationId", verb + tag + of)
                .put("x-kubernetes-action", action);
        operation.putArray("tags").add(tag.toLowerCase(Locale.ROOT));
        operation.set("x-kubernetes-group-version-kind", kind.json());
        return operation;
    }

    /**
     * Adds what an operation answers.
     *
     * @param schemaByType of the answer 200, the first one that of JSON
     * @param more refusals beside those of every operation
     */
    void answers(ObjectNode operation, Map<String, ObjectNode> schemaByType, Refusal... more) {
        ObjectNode responses = operation.putObject("responses");
        responses.set("200", dialect.response("OK", schemaByType));
        for (Refusal refusal : new TreeSet<>(
                Stream.concat(Refusal.ALWAYS.stream(), Arrays.stream(more)).toList())) {
            ObjectNode response = dialect.response(refusal.description(), Map.of(JSON_TYPE, schemas.of(Status.class)));
            if (refusal.hasRetryAfter()) {
                response.putObject("headers")
                        .set(
                                "Retry-After",
                                dialect.header(
                                        "Seconds to wait.", JSON.objectNode().put("type", "integer")));
            }
            responses.set(refusal.code(), response);
        }
        if (dialect == Dialect.V2) {
            operation.putArray("schemes").add("https");
            operation.putArray("consumes").add("*/*");
            ArrayNode produces = operation.putArray("produces");
            schemaByType.keySet().forEach(produces::add);
        }
    }

    ArrayNode parameters(List<Parameter> parameters) {
        ArrayNode all = JSON.arrayNode();
        parameters.forEach(parameter -> all.add(parameter.json(dialect)));
        return all;
    }

    /** As kube-apiserver names a group in operations: {@code custom.metrics.k8s.io/v1beta1}: CustomMetricsV1beta1. */
    private static String tag(GroupVersionKind kind) {
        String own = kind.group().replaceFirst("\\.(k8s|kpod)\\.io$", "");
        return Stream.concat(Arrays.stream(own.split("\\.")), Stream.of(kind.version()))
                .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                .collect(Collectors.joining());
    }
}
