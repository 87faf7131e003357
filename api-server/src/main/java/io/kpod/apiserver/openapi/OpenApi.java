package io.kpod.apiserver.openapi;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.discovery.Document;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.table.AcceptHeader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /openapi/v2}, {@code /openapi/v3} and {@code /openapi/v3/apis/GROUP/VERSION}, encoded once; kube-apiserver merges
 * the first and points to the last (kube-openapi pkg/handler3).
 */
public final class OpenApi implements ApiGroup {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String ROOT = "/openapi/v3";
    private static final String JSON_TYPE = "application/json";

    private final Ownership ownership;
    private final List<Part> parts;
    /** By what is owned, which seldom changes. */
    private final Map<List<String>, Document> v2ByOwned = new ConcurrentHashMap<>();

    private final Map<List<String>, Document> indexByOwned = new ConcurrentHashMap<>();

    /**
     * A version of a group.
     *
     * @param v3 its document of OpenAPI 3
     */
    private record Part(String group, String version, Content v2, Document v3) {
        String path() {
            return "apis/" + group + "/" + version;
        }
    }

    private record Content(ObjectNode schemas, ObjectNode paths) {}

    /**
     * Describes what there is.
     *
     * @param ownership of another owner's group no document says anything
     */
    public OpenApi(List<? extends Described> all, Ownership ownership) {
        this.ownership = ownership;
        Map<String, List<Described>> byVersion = new LinkedHashMap<>();
        all.forEach(described -> byVersion
                .computeIfAbsent(
                        described.kind().group() + "/" + described.kind().version(), name -> new ArrayList<>())
                .add(described));
        this.parts = byVersion.values().stream().map(OpenApi::part).toList();
    }

    private static Part part(List<Described> members) {
        GroupVersionKind first = members.getFirst().kind();
        return new Part(
                first.group(),
                first.version(),
                content(Dialect.V2, members),
                Document.of(v3(first.version(), content(Dialect.V3, members)), JSON_TYPE));
    }

    @Override
    public void routes(RoutesConfig routes) {
        routes.get("/openapi/v2", context -> answer(context, ofOwned(v2ByOwned, OpenApi::v2), "public"));
        routes.get(ROOT, context -> answer(context, ofOwned(indexByOwned, OpenApi::index), "public"));
        for (Part part : parts) {
            routes.get(ROOT + "/" + part.path(), context -> answer(context, part));
        }
    }

    private Document ofOwned(Map<List<String>, Document> made, Function<List<Part>, Document> make) {
        List<Part> owned = parts.stream()
                .filter(part -> ownership.owns(part.group(), part.version()))
                .toList();
        return made.computeIfAbsent(owned.stream().map(Part::path).toList(), paths -> make.apply(owned));
    }

    private void answer(Context context, Part part) {
        if (!ownership.owns(part.group(), part.version())) {
            throw new StatusException(
                    StatusException.Reason.NOT_FOUND,
                    "group " + part.group() + " is not kpod's in this cluster; /readyz?verbose says whose it is");
        }
        // who names the hash of another version gets this one, and may not keep it under that name
        boolean named = part.v3().hash().equals(context.queryParam("hash"));
        answer(context, part.v3(), named ? "public, immutable, max-age=31536000" : "no-cache");
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

    private static Content content(Dialect dialect, List<Described> members) {
        GroupVersionKind first = members.getFirst().kind();
        List<String> names = Arrays.asList(first.group().split("\\."));
        Schemas schemas = new Schemas(dialect, String.join(".", names.reversed()) + "." + first.version() + ".");
        Paths paths = new Paths(dialect, schemas);
        members.forEach(paths::add);
        return new Content(schemas.all(), paths.all());
    }

    private static Document v2(List<Part> parts) {
        ObjectNode paths = JSON.objectNode();
        ObjectNode definitions = JSON.objectNode();
        parts.forEach(part -> {
            paths.setAll(part.v2().paths());
            definitions.setAll(part.v2().schemas());
        });
        ObjectNode document = JSON.objectNode().put("swagger", "2.0");
        document.set("info", info("v1beta1"));
        document.set("paths", paths);
        document.set("definitions", definitions);
        return Document.of(document, JSON_TYPE);
    }

    private static Document index(List<Part> parts) {
        ObjectNode root = JSON.objectNode();
        ObjectNode paths = root.putObject("paths");
        parts.forEach(part -> paths.putObject(part.path())
                .put(
                        "serverRelativeURL",
                        ROOT + "/" + part.path() + "?hash=" + part.v3().hash()));
        return Document.of(root, JSON_TYPE);
    }

    private static ObjectNode v3(String version, Content content) {
        ObjectNode document = JSON.objectNode().put("openapi", "3.0.0");
        document.set("info", info(version));
        document.set("paths", content.paths());
        document.putObject("components").set("schemas", content.schemas());
        return document;
    }

    private static ObjectNode info(String version) {
        return JSON.objectNode().put("title", "kpod").put("version", version);
    }
}
