package io.kpod.apiserver.table;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** meta.k8s.io Table. */
public record TableDocument(
        String kind, String apiVersion, ListMeta metadata, List<ColumnDefinition> columnDefinitions, List<Row> rows) {
    /** One column's heading. */
    public record ColumnDefinition(String name, String type, String format, String description, int priority) {}

    /** One row; {@code object} as {@code includeObject} asks. */
    public record Row(List<String> cells, @Nullable Object object) {}

    /** What a row carries beside its cells. */
    public enum IncludeObject {
        NONE,
        METADATA,
        OBJECT
    }

    /**
     * Draws the table of some objects.
     *
     * @param version of meta.k8s.io
     */
    public static <T extends ApiObject> TableDocument of(
            String version, ListMeta metadata, List<Column<T>> columns, List<T> objects, IncludeObject include) {
        return new TableDocument(
                "Table",
                "meta.k8s.io/" + version,
                metadata,
                definitions(columns),
                objects.stream()
                        .map(object -> row(version, columns, object, include))
                        .toList());
    }

    /** Draws the table of one object that shows as many rows as it has parts; each row carries the object. */
    public static <P> TableDocument ofParts(
            String version,
            ListMeta metadata,
            List<Column<P>> columns,
            ApiObject object,
            List<P> parts,
            IncludeObject include) {
        Object carried = included(version, object, include);
        return new TableDocument(
                "Table",
                "meta.k8s.io/" + version,
                metadata,
                definitions(columns),
                parts.stream()
                        .map(part -> new Row(
                                columns.stream()
                                        .map(column -> column.text(part))
                                        .toList(),
                                carried))
                        .toList());
    }

    /** The headings. */
    public static <T> List<ColumnDefinition> definitions(List<Column<T>> columns) {
        return columns.stream()
                .map(c -> new ColumnDefinition(c.name(), "string", c.format(), c.description(), c.priority()))
                .toList();
    }

    /** The row of one object. */
    public static <T extends ApiObject> Row row(
            String version, List<Column<T>> columns, T object, IncludeObject include) {
        return new Row(
                columns.stream().map(column -> column.text(object)).toList(), included(version, object, include));
    }

    private static @Nullable Object included(String version, ApiObject object, IncludeObject include) {
        return switch (include) {
            case NONE -> null;
            case METADATA -> PartialObjectMetadata.of(version, object);
            case OBJECT -> object;
        };
    }
}
