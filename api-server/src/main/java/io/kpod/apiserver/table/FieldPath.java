package io.kpod.apiserver.table;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way from an API type to one of its fields, {@code total.cpu.runQueueLatency.p99}, so that a column is a field
 * and not a copy of it.
 */
public final class FieldPath {
    private final List<Method> accessors;
    private final String description;

    private FieldPath(List<Method> accessors, String description) {
        this.accessors = accessors;
        this.description = description;
    }

    /**
     * Looks the path up.
     *
     * @throws IllegalArgumentException if the type has no such field, or the field no description
     */
    public static FieldPath of(Class<? extends Record> root, String path) {
        List<Method> accessors = new ArrayList<>();
        Class<?> type = root;
        for (String name : path.split("\\.", -1)) {
            accessors.add(accessor(type, name, path));
            type = accessors.getLast().getReturnType();
        }
        JsonPropertyDescription description = accessors.getLast().getAnnotation(JsonPropertyDescription.class);
        if (description == null) {
            throw new IllegalArgumentException(root.getSimpleName() + "." + path + " has no description");
        }
        return new FieldPath(List.copyOf(accessors), description.value());
    }

    /** What the field says, from its declaration. */
    public String description() {
        return description;
    }

    /** The field's type. */
    public Class<?> type() {
        return accessors.getLast().getReturnType();
    }

    /** The field's value; null if it or anything on the way is absent. */
    public @Nullable Object get(Object root) {
        Object value = root;
        for (Method accessor : accessors) {
            if (value == null) {
                return null;
            }
            try {
                value = accessor.invoke(value);
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException(accessor + " is no plain accessor of a public record", e);
            }
        }
        return value;
    }

    private static Method accessor(Class<?> type, String name, String path) {
        RecordComponent[] components = type.getRecordComponents();
        if (components != null) {
            for (RecordComponent component : components) {
                if (component.getName().equals(name)) {
                    return component.getAccessor();
                }
            }
        }
        throw new IllegalArgumentException(type.getSimpleName() + " has no field " + name + " of the path " + path
                + ", but " + (components == null ? "none" : Arrays.toString(components)));
    }
}
