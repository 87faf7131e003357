package io.kpod.apiserver.openapi;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What OpenAPI 2 and 3 write differently. */
enum Dialect {
    /** Swagger 2.0, which kube-apiserver merges into its own. */
    V2("#/definitions/") {
        @Override
        ObjectNode described(ObjectNode reference) {
            return reference;
        }

        @Override
        ObjectNode parameter(ObjectNode parameter, ObjectNode schema) {
            return parameter.setAll(schema);
        }

        @Override
        ObjectNode response(String description, ObjectNode schema, String... mediaTypes) {
            ObjectNode response = JSON.objectNode().put("description", description);
            response.set("schema", schema);
            return response;
        }
    },
    /** OpenAPI 3.0, a document for each group and version. */
    V3("#/components/schemas/") {
        @Override
        ObjectNode described(ObjectNode reference) {
            ObjectNode property = JSON.objectNode();
            property.putArray("allOf").add(reference);
            return property;
        }

        @Override
        ObjectNode parameter(ObjectNode parameter, ObjectNode schema) {
            parameter.set("schema", schema);
            return parameter;
        }

        @Override
        ObjectNode response(String description, ObjectNode schema, String... mediaTypes) {
            ObjectNode response = JSON.objectNode().put("description", description);
            ObjectNode content = response.putObject("content");
            for (String mediaType : mediaTypes) {
                content.putObject(mediaType).set("schema", schema);
            }
            return response;
        }
    };

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final String references;

    Dialect(String references) {
        this.references = references;
    }

    /** A reference to the schema of that name. */
    ObjectNode reference(String schema) {
        return JSON.objectNode().put("$ref", references + schema);
    }

    /** A reference to which a description can be added. */
    abstract ObjectNode described(ObjectNode reference);

    /** A parameter with its schema. */
    abstract ObjectNode parameter(ObjectNode parameter, ObjectNode schema);

    /** What an operation answers. */
    abstract ObjectNode response(String description, ObjectNode schema, String... mediaTypes);
}
