package io.kpod.apiserver.openapi;

import io.kpod.apiserver.status.Status;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The operations of resources: get, list and watch; of subresources: get. */
final class Paths {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String[] MEDIA_TYPES = {"application/json", "application/yaml"};
    private static final String[] LIST_MEDIA_TYPES = {
        "application/json", "application/json;stream=watch", "application/yaml"
    };

    private final Dialect dialect;
    private final Schemas schemas;
    private final ObjectNode all = JSON.objectNode();

    Paths(Dialect dialect, Schemas schemas) {
        this.dialect = dialect;
        this.schemas = schemas;
    }

    ObjectNode all() {
        return all;
    }

    void add(DescribedResource resource) {
        GroupVersionKind kind = resource.kind();
        String base = "/apis/" + kind.group() + "/" + kind.version();
        String within = resource.namespaced() ? base + "/namespaces/{namespace}" : base;
        if (!resource.subresource().isEmpty()) {
            all.set(
                    within + "/" + resource.resource() + "/{name}/" + resource.subresource(),
                    item(resource.namespaced(), true, get(resource)));
            return;
        }
        all.set(within + "/" + resource.resource(), item(resource.namespaced(), false, list(resource, "")));
        all.set(within + "/" + resource.resource() + "/{name}", item(resource.namespaced(), true, get(resource)));
        if (resource.namespaced()) {
            all.set(base + "/" + resource.resource(), item(false, false, list(resource, "ForAllNamespaces")));
        }
    }

    private ObjectNode item(boolean namespaced, boolean named, ObjectNode operation) {
        ObjectNode item = JSON.objectNode();
        item.set("get", operation);
        ArrayNode parameters = item.putArray("parameters");
        if (named) {
            parameters.add(inPath("name", "Name of the object."));
        }
        if (namespaced) {
            parameters.add(inPath("namespace", "Namespace of the object."));
        }
        parameters.add(text("pretty", "If 'true', then the output is indented."));
        parameters.add(text("window", "How much time the numbers cover: 5s to the retention, 60s unless told."));
        return item;
    }

    private ObjectNode get(DescribedResource resource) {
        GroupVersionKind kind = resource.kind();
        ObjectNode operation = operation(resource, "get", "read", "", "The " + kind.kind() + " of that name.");
        answers(operation, schemas.kind(resource.type(), kind), MEDIA_TYPES);
        return operation;
    }

    private ObjectNode list(DescribedResource resource, String suffix) {
        GroupVersionKind kind = resource.kind();
        ObjectNode operation = operation(
                resource,
                "list",
                "list",
                suffix,
                "Lists or watches objects of kind " + kind.kind() + "; a watch answers with a stream of events.");
        ArrayNode parameters = operation.putArray("parameters");
        parameters.add(text("labelSelector", "Chooses by labels."));
        parameters.add(text("fieldSelector", "Chooses by fields, such as metadata.name."));
        parameters.add(number("limit", "Most objects of the answer; metadata.continue then leads to the next ones."));
        parameters.add(text("continue", "metadata.continue of the page before."));
        parameters.add(
                text("sortBy", "A number to sort by, the largest first, such as total.cpu.runQueueLatency.p99."));
        parameters.add(
                text("resourceVersion", "Of a watch: where it begins. Of a list: what it must not be older than."));
        parameters.add(text("resourceVersionMatch", "How resourceVersion is meant: Exact or NotOlderThan."));
        parameters.add(flag("watch", "Answers with events from now on."));
        parameters.add(flag("allowWatchBookmarks", "Whether events of type BOOKMARK are understood."));
        parameters.add(flag("sendInitialEvents", "Whether a watch begins with all objects that there are."));
        parameters.add(number("timeoutSeconds", "How long a watch lasts."));
        answers(operation, schemas.listOf(resource.type(), kind), LIST_MEDIA_TYPES);
        return operation;
    }

    private ObjectNode operation(
            DescribedResource resource, String action, String verb, String suffix, String description) {
        GroupVersionKind kind = resource.kind();
        String tag = camelCase(kind.group().split("\\.")[0]) + camelCase(kind.version());
        ObjectNode operation = JSON.objectNode()
                .put("description", description)
                .put(
                        "operationId",
                        verb
                                + tag
                                + (resource.namespaced() && suffix.isEmpty() ? "Namespaced" : "")
                                + kind.kind()
                                + suffix)
                .put("x-kubernetes-action", action);
        operation.putArray("tags").add(tag.toLowerCase(Locale.ROOT));
        operation.set("x-kubernetes-group-version-kind", kind.json());
        if (dialect == Dialect.V2) {
            operation.putArray("schemes").add("https");
            operation.putArray("consumes").add("*/*");
            ArrayNode produces = operation.putArray("produces");
            for (String mediaType : action.equals("list") ? LIST_MEDIA_TYPES : MEDIA_TYPES) {
                produces.add(mediaType);
            }
        }
        return operation;
    }

    private void answers(ObjectNode operation, ObjectNode schema, String[] mediaTypes) {
        ObjectNode responses = operation.putObject("responses");
        responses.set("200", dialect.response("OK", schema, mediaTypes));
        responses.set("default", dialect.response("Why not.", schemas.of(Status.class), "application/json"));
    }

    private ObjectNode inPath(String name, String description) {
        return parameter("path", name, description, "string").put("required", true);
    }

    private ObjectNode text(String name, String description) {
        return parameter("query", name, description, "string");
    }

    private ObjectNode number(String name, String description) {
        return parameter("query", name, description, "integer");
    }

    private ObjectNode flag(String name, String description) {
        return parameter("query", name, description, "boolean");
    }

    private ObjectNode parameter(String in, String name, String description, String type) {
        return dialect.parameter(
                JSON.objectNode().put("name", name).put("in", in).put("description", description),
                JSON.objectNode().put("type", type).put("uniqueItems", true));
    }

    private static String camelCase(String word) {
        return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }
}
