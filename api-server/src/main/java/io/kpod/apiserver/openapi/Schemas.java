package io.kpod.apiserver.openapi;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.change.Event;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.table.ListMeta;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The schemas of records and of all records that they are made of. A component that is not {@code @Nullable} is a required
 * field; what Jackson leaves out is left out here.
 */
final class Schemas {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    /** In every object, and in no list of required fields of Kubernetes. */
    private static final Set<String> UNDERSTOOD = Set.of("kind", "apiVersion", "metadata");

    private final Dialect dialect;
    private final String namespace;
    private final Map<String, ObjectNode> schemas = new TreeMap<>();
    /** Names of the objects' types: that of their kind, whatever the record is called. */
    private final Map<Class<?>, String> kinds = new HashMap<>();

    /** @param namespace before every schema's name, so that it is nobody else's when documents are merged */
    Schemas(Dialect dialect, String namespace) {
        this.dialect = dialect;
        this.namespace = namespace;
    }

    /** All that have been referred to, by name. */
    ObjectNode all() {
        ObjectNode all = JSON.objectNode();
        schemas.forEach(all::set);
        return all;
    }

    /** The schema of an object of that kind. */
    ObjectNode kind(Class<?> type, GroupVersionKind kind) {
        kinds.put(type, kind.kind());
        ObjectNode reference = of(type);
        mark(name(type), kind);
        return reference;
    }

    /** The schema of a list of such objects. */
    ObjectNode listOf(Class<?> type, GroupVersionKind kind) {
        GroupVersionKind list = kind.list();
        String name = namespace + list.kind();
        ObjectNode schema = JSON.objectNode()
                .put("type", "object")
                .put("description", "A list of " + kind.kind() + ", or a page of it.");
        ObjectNode properties = schema.putObject("properties");
        properties.set("kind", text("Always " + list.kind() + "."));
        properties.set("apiVersion", text("Always " + kind.group() + "/" + kind.version() + "."));
        properties.set("metadata", dialect.described(of(ListMeta.class)).put("description", "About the list."));
        ObjectNode items = properties
                .putObject("items")
                .put("type", "array")
                .put("description", "The objects, by namespace and name unless they were asked for in another order.");
        items.set("items", kind(type, kind));
        schema.putArray("required").add("items");
        schemas.put(name, schema);
        mark(name, list);
        return dialect.reference(name);
    }

    /** The schema of each line of a watch. */
    ObjectNode watchEvent() {
        String name = namespace + "WatchEvent";
        ObjectNode schema = JSON.objectNode()
                .put("type", "object")
                .put("description", "What happened to an object. A watch is answered with many, a line each.");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode types = properties
                .putObject("type")
                .put("type", "string")
                .put("description", "What happened. BOOKMARK tells how far the watch is, ERROR why it ends.")
                .putArray("enum");
        Stream.concat(Arrays.stream(Event.Type.values()).map(Enum::name), Stream.of("BOOKMARK", "ERROR"))
                .forEach(types::add);
        properties
                .putObject("object")
                .put("type", "object")
                .put("description", "The object as it is now, or was last; of an ERROR, a Status.");
        schema.putArray("required").add("type").add("object");
        schemas.put(name, schema);
        return dialect.reference(name);
    }

    /** A reference to the schema of a record. */
    ObjectNode of(Class<?> type) {
        String name = name(type);
        if (!schemas.containsKey(name)) {
            ObjectNode schema = JSON.objectNode().put("type", "object");
            schemas.put(name, schema);
            fill(schema, type);
        }
        return dialect.reference(name);
    }

    private void mark(String name, GroupVersionKind kind) {
        schemas.get(name).putArray("x-kubernetes-group-version-kind").add(kind.json());
    }

    private void fill(ObjectNode schema, Class<?> type) {
        JsonClassDescription description = type.getAnnotation(JsonClassDescription.class);
        if (description != null) {
            schema.put("description", description.value());
        }
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = JSON.arrayNode();
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.getAccessor().isAnnotationPresent(JsonIgnore.class)) {
                continue;
            }
            String name = name(component);
            ObjectNode property = isSaidAsNull(component)
                    ? dialect.nullable(inline(component.getType()))
                    : value(component.getGenericType());
            properties.set(
                    name,
                    (property.has("$ref") ? dialect.described(property) : property)
                            .put("description", description(component)));
            if (!isNullable(component) && !UNDERSTOOD.contains(name)) {
                required.add(name);
            }
        }
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
    }

    /** Where {@code null} is said: what allows it has to stand beside the type, which a reference keeps elsewhere. */
    private ObjectNode inline(Class<?> type) {
        ObjectNode schema = JSON.objectNode().put("type", "object");
        fill(schema, type);
        return schema;
    }

    private ObjectNode value(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type last = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            if (generic.getRawType() == List.class) {
                ObjectNode array = JSON.objectNode().put("type", "array");
                array.set("items", value(last));
                return array;
            }
            if (generic.getRawType() == Map.class) {
                ObjectNode map = JSON.objectNode().put("type", "object");
                map.set("additionalProperties", value(last));
                return map;
            }
        }
        if (type instanceof Class<?> plain) {
            if (plain.isRecord() && plain != Quantity.class) {
                return of(plain);
            }
            ObjectNode scalar = scalar(plain);
            if (scalar != null) {
                return scalar;
            }
        }
        throw new IllegalArgumentException("no schema is known for " + type + ": say here what it is in JSON");
    }

    private static @Nullable ObjectNode scalar(Class<?> type) {
        ObjectNode schema = JSON.objectNode();
        if (type == String.class) {
            return schema.put("type", "string");
        }
        if (type == Quantity.class) {
            return schema.put("type", "string").put("format", "quantity");
        }
        if (type == Instant.class) {
            return schema.put("type", "string").put("format", "date-time");
        }
        if (type == boolean.class || type == Boolean.class) {
            return schema.put("type", "boolean");
        }
        if (type == long.class || type == Long.class) {
            return schema.put("type", "integer").put("format", "int64");
        }
        return type == int.class || type == Integer.class
                ? schema.put("type", "integer").put("format", "int32")
                : null;
    }

    private static ObjectNode text(String description) {
        return JSON.objectNode().put("type", "string").put("description", description);
    }

    private static String description(RecordComponent component) {
        JsonPropertyDescription description = component.getAccessor().getAnnotation(JsonPropertyDescription.class);
        if (description == null) {
            throw new IllegalArgumentException(
                    component.getDeclaringRecord() + "." + component.getName() + " has no description");
        }
        return description.value();
    }

    private static String name(RecordComponent component) {
        JsonProperty renamed = component.getAccessor().getAnnotation(JsonProperty.class);
        return renamed == null ? component.getName() : renamed.value();
    }

    private static boolean isNullable(RecordComponent component) {
        AnnotatedType type = component.getAnnotatedType();
        return type.isAnnotationPresent(Nullable.class);
    }

    private static boolean isSaidAsNull(RecordComponent component) {
        JsonInclude include = component.getAccessor().getAnnotation(JsonInclude.class);
        return isNullable(component) && include != null && include.value() == JsonInclude.Include.ALWAYS;
    }

    /** A record within another has both names: {@code PressureMetricsStall}. */
    private String name(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        String own = (outer == null ? "" : outer.getSimpleName()) + type.getSimpleName();
        return namespace + kinds.getOrDefault(type, own);
    }
}
