package io.kpod.apiserver.table;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A column of a Table.
 *
 * @param name its heading
 * @param format {@code name} for the object's name, else empty
 * @param priority 0: always shown; 1: with {@code -o wide}
 * @param cell text of the cell for a row; null: not measured
 */
public record Column<T>(
        String name, String format, String description, int priority, Function<? super T, @Nullable String> cell) {
    /** What a cell shows that has no value. */
    static final String ABSENT = "-";

    /** The text of the cell. */
    String text(T row) {
        String text = cell.apply(row);
        return text == null ? ABSENT : text;
    }
}
