package io.kpod.apiserver.openapi;

import java.util.Map;
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
        ObjectNode header(String description, ObjectNode schema) {
            return schema.put("description", description);
        }

        @Override
        ObjectNode nullable(ObjectNode schema) {
            return schema.put("x-nullable", true);
        }

        @Override
        ObjectNode response(String description, Map<String, ObjectNode> schemaByType) {
            ObjectNode response = JSON.objectNode().put("description", description);
            response.set("schema", schemaByType.values().iterator().next());
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
        ObjectNode header(String description, ObjectNode schema) {
            ObjectNode header = JSON.objectNode().put("description", description);
            header.set("schema", schema);
            return header;
        }

        @Override
        ObjectNode nullable(ObjectNode schema) {
            return schema.put("nullable", true);
        }

        @Override
        ObjectNode response(String description, Map<String, ObjectNode> schemaByType) {
            ObjectNode response = JSON.objectNode().put("description", description);
            ObjectNode content = response.putObject("content");
            schemaByType.forEach(
                    (mediaType, schema) -> content.putObject(mediaType).set("schema", schema));
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

    /** A header of an answer. */
    abstract ObjectNode header(String description, ObjectNode schema);

    /** A schema that {@code null} fits too. */
    abstract ObjectNode nullable(ObjectNode schema);

    /**
     * What an operation answers.
     *
     * @param schemaByType the first one, that of JSON, is all that OpenAPI 2 has
     */
    abstract ObjectNode response(String description, Map<String, ObjectNode> schemaByType);
}
