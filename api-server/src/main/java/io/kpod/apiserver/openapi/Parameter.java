package io.kpod.apiserver.openapi;

import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A parameter of operations.
 *
 * @param values all that are allowed; empty: not only these
 */
public record Parameter(Place place, String name, String description, Type type, List<String> values) {
    /** Where it stands. */
    public enum Place {
        PATH,
        QUERY
    }

    /** What its text is read as. */
    public enum Type {
        STRING,
        BOOLEAN,
        /** From 0 on. */
        INTEGER
    }

    public Parameter {
        values = List.copyOf(values);
    }

    /** A segment of the path. */
    public static Parameter inPath(String name, String description) {
        return new Parameter(Place.PATH, name, description, Type.STRING, List.of());
    }

    /** A query parameter of any text. */
    public static Parameter text(String name, String description) {
        return new Parameter(Place.QUERY, name, description, Type.STRING, List.of());
    }

    /** {@code pretty}, which every answer takes. */
    public static Parameter pretty() {
        return text("pretty", "If 'true', then the output is indented.");
    }

    static Parameter number(String name, String description) {
        return new Parameter(Place.QUERY, name, description, Type.INTEGER, List.of());
    }

    static Parameter flag(String name, String description) {
        return new Parameter(Place.QUERY, name, description, Type.BOOLEAN, List.of());
    }

    /** The same with these values alone. */
    public Parameter oneOf(List<String> allowed) {
        return new Parameter(place, name, description, type, allowed);
    }

    ObjectNode json(Dialect dialect) {
        ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", word(type));
        if (type == Type.INTEGER) {
            schema.put("minimum", 0);
        }
        if (!values.isEmpty()) {
            ArrayNode allowed = schema.putArray("enum");
            values.forEach(allowed::add);
        }
        ObjectNode parameter = JsonNodeFactory.instance
                .objectNode()
                .put("name", name)
                .put("in", word(place))
                .put("description", description);
        return place == Place.PATH
                ? dialect.parameter(parameter.put("required", true), schema)
                : dialect.parameter(parameter, schema);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
