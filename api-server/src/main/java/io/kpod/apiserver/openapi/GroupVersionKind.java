package io.kpod.apiserver.openapi;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Names a type of the API. */
public record GroupVersionKind(String group, String version, String kind) {
    GroupVersionKind list() {
        return new GroupVersionKind(group, version, kind + "List");
    }

    ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("group", group)
                .put("kind", kind)
                .put("version", version);
    }
}
