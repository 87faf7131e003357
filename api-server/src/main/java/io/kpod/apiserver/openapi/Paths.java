package io.kpod.apiserver.openapi;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The paths of a version: get, list and watch of resources, get of subresources, and the numbers of metrics. */
final class Paths {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String JSON_TYPE = "application/json";
    private static final String WATCH_TYPE = "application/json;stream=watch";
    private static final String YAML_TYPE = "application/yaml";

    private static final Parameter NAME = Parameter.inPath("name", "Name of the object.");
    private static final Parameter NAMESPACE = Parameter.inPath("namespace", "Namespace of the object.");
    private static final List<Parameter> OF_ALL = List.of(
            Parameter.pretty(),
            Parameter.text("window", "How much time the numbers cover: 5s to the retention, 60s unless told."),
            Parameter.text("includeObject", "What the rows of a Table carry beside their cells.")
                    .oneOf(List.of("None", "Metadata", "Object")));

    private static final List<Parameter> OF_LISTS = List.of(
            Parameter.text("labelSelector", "Chooses by labels."),
            Parameter.text("fieldSelector", "Chooses by fields, such as metadata.name."),
            Parameter.number("limit", "Most objects of the answer; metadata.continue then leads to the next ones."),
            Parameter.text("continue", "metadata.continue of the page before."),
            Parameter.text("sortBy", "A number to sort by, the largest first, such as total.cpu.runQueueLatency.p99."),
            Parameter.text(
                    "resourceVersion", "Of a watch: where it begins. Of a list: what it must not be older than."),
            Parameter.text("resourceVersionMatch", "How resourceVersion is meant: Exact or NotOlderThan."),
            Parameter.flag("watch", "Answers with events from now on."),
            Parameter.flag("allowWatchBookmarks", "Whether events of type BOOKMARK are understood."),
            Parameter.flag("sendInitialEvents", "Whether a watch begins with all objects that there are."),
            Parameter.number("timeoutSeconds", "How long a watch lasts."));

    private final Operations operations;
    private final Schemas schemas;
    private final ObjectNode all = JSON.objectNode();

    Paths(Dialect dialect, Schemas schemas) {
        this.operations = new Operations(dialect, schemas);
        this.schemas = schemas;
    }

    ObjectNode all() {
        return all;
    }

    void add(Described described) {
        GroupVersionKind kind = described.kind();
        String base = "/apis/" + kind.group() + "/" + kind.version();
        switch (described) {
            case DescribedResource resource -> add(base, resource);
            case DescribedMetric metric -> add(base, metric);
        }
    }

    private void add(String base, DescribedResource resource) {
        String collection = "/" + resource.resource();
        String within = (resource.namespaced() ? base + "/namespaces/{namespace}" : base) + collection;
        if (!resource.subresource().isEmpty()) {
            all.set(within + "/{name}/" + resource.subresource(), item(resource.namespaced(), true, get(resource)));
            return;
        }
        all.set(within, item(resource.namespaced(), false, list(resource, "")));
        all.set(within + "/{name}", item(resource.namespaced(), true, get(resource)));
        if (resource.namespaced()) {
            all.set(base + collection, item(false, false, list(resource, "ForAllNamespaces")));
        }
    }

    private void add(String base, DescribedMetric metric) {
        GroupVersionKind kind = metric.kind();
        ObjectNode operation = operations.operation(
                kind.list(),
                metric.verb(),
                metric.verb().equals("get") ? "read" : metric.verb(),
                metric.describes() + kind.kind(),
                metric.description());
        operation.set("parameters", operations.parameters(metric.parameters()));
        operations.answers(operation, Map.of(JSON_TYPE, schemas.listOf(metric.type(), kind)), Refusal.NOT_FOUND);
        all.putObject(base + metric.path()).set("get", operation);
    }

    private ObjectNode item(boolean namespaced, boolean named, ObjectNode operation) {
        ObjectNode item = JSON.objectNode();
        item.set("get", operation);
        List<Parameter> parameters = new ArrayList<>();
        if (named) {
            parameters.add(NAME);
        }
        if (namespaced) {
            parameters.add(NAMESPACE);
        }
        parameters.addAll(OF_ALL);
        item.set("parameters", operations.parameters(parameters));
        return item;
    }

    private ObjectNode get(DescribedResource resource) {
        GroupVersionKind kind = resource.kind();
        ObjectNode operation =
                operations.operation(kind, "get", "read", of(resource, ""), "The " + kind.kind() + " of that name.");
        ObjectNode schema = schemas.kind(resource.type(), kind);
        Map<String, ObjectNode> schemaByType = new LinkedHashMap<>();
        schemaByType.put(JSON_TYPE, schema);
        schemaByType.put(YAML_TYPE, schema);
        operations.answers(operation, schemaByType, Refusal.NOT_FOUND);
        return operation;
    }

    private ObjectNode list(DescribedResource resource, String suffix) {
        GroupVersionKind kind = resource.kind();
        ObjectNode operation = operations.operation(
                kind,
                "list",
                "list",
                of(resource, suffix),
                "Lists or watches objects of kind " + kind.kind() + "; a watch answers with a stream of events.");
        operation.set("parameters", operations.parameters(OF_LISTS));
        ObjectNode schema = schemas.listOf(resource.type(), kind);
        Map<String, ObjectNode> schemaByType = new LinkedHashMap<>();
        schemaByType.put(JSON_TYPE, schema);
        schemaByType.put(WATCH_TYPE, schemas.watchEvent());
        schemaByType.put(YAML_TYPE, schema);
        operations.answers(operation, schemaByType, Refusal.EXPIRED, Refusal.INVALID, Refusal.TIMEOUT);
        return operation;
    }

    private static String of(DescribedResource resource, String suffix) {
        return (resource.namespaced() && suffix.isEmpty() ? "Namespaced" : "")
                + resource.kind().kind()
                + suffix;
    }
}
