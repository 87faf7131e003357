package io.kpod.apiserver.openapi;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.discovery.Document;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.table.AcceptHeader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /openapi/v2}, {@code /openapi/v3} and {@code /openapi/v3/apis/GROUP/VERSION}, encoded at start; kube-apiserver
 * merges the first and points to the last (kube-openapi pkg/handler3).
 */
public final class OpenApi implements ApiGroup {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String ROOT = "/openapi/v3";
    private static final String JSON_TYPE = "application/json";

    private final Document v2;
    private final Document index;
    private final Map<String, Document> v3ByPath = new LinkedHashMap<>();

    /** @param resources what is described */
    public OpenApi(List<DescribedResource> resources) {
        Map<String, List<DescribedResource>> byVersion = new LinkedHashMap<>();
        resources.forEach(resource -> byVersion
                .computeIfAbsent(resource.kind().group() + "/" + resource.kind().version(), name -> new ArrayList<>())
                .add(resource));
        ObjectNode definitions = JSON.objectNode();
        ObjectNode paths = JSON.objectNode();
        ObjectNode indexed = JSON.objectNode();
        byVersion.forEach((groupVersion, members) -> {
            Described swagger = describe(Dialect.V2, members);
            definitions.setAll(swagger.schemas());
            paths.setAll(swagger.paths());
            Document document = Document.of(v3(describe(Dialect.V3, members)), JSON_TYPE);
            String path = "apis/" + groupVersion;
            v3ByPath.put(path, document);
            indexed.putObject(path).put("serverRelativeURL", ROOT + "/" + path + "?hash=" + document.hash());
        });
        ObjectNode swagger = JSON.objectNode().put("swagger", "2.0");
        swagger.set("info", info());
        swagger.set("paths", paths);
        swagger.set("definitions", definitions);
        this.v2 = Document.of(swagger, JSON_TYPE);
        ObjectNode root = JSON.objectNode();
        root.set("paths", indexed);
        this.index = Document.of(root, JSON_TYPE);
    }

    private record Described(ObjectNode schemas, ObjectNode paths) {}

    @Override
    public void routes(RoutesConfig routes) {
        routes.get("/openapi/v2", context -> answer(context, v2, "public"));
        routes.get(ROOT, context -> answer(context, index, "public"));
        v3ByPath.forEach((path, document) -> routes.get(ROOT + "/" + path, context -> {
            // who names the hash of another version gets this one, and may not keep it under that name
            boolean named = document.hash().equals(context.queryParam("hash"));
            answer(context, document, named ? "public, immutable, max-age=31536000" : "no-cache");
        }));
    }

    private static void answer(Context context, Document document, String cacheControl) {
        AcceptHeader accept = AcceptHeader.parse(context.header("Accept"));
        if (!accept.clauses().isEmpty()
                && accept.clauses().stream().noneMatch(clause -> clause.takesJson() && clause.q() > 0)) {
            throw new StatusException(
                    StatusException.Reason.NOT_ACCEPTABLE, "only the following media types are accepted: " + JSON_TYPE);
        }
        document.answer(context, cacheControl);
    }

    private static Described describe(Dialect dialect, List<DescribedResource> members) {
        GroupVersionKind first = members.getFirst().kind();
        String name = first.group().split("\\.")[0];
        Schemas schemas = new Schemas(dialect, "io.kpod." + name + "." + first.version() + ".");
        Paths paths = new Paths(dialect, schemas);
        members.forEach(paths::add);
        return new Described(schemas.all(), paths.all());
    }

    private static ObjectNode v3(Described described) {
        ObjectNode document = JSON.objectNode().put("openapi", "3.0.0");
        document.set("info", info());
        document.set("paths", described.paths());
        document.putObject("components").set("schemas", described.schemas());
        return document;
    }

    private static ObjectNode info() {
        return JSON.objectNode().put("title", "kpod").put("version", "v1beta1");
    }
}
