package io.kpod.apiserver.value;

import io.kpod.apiserver.quantity.HumanText;
import io.kpod.apiserver.table.Column;
import java.util.List;

/** Metric values as a table. */
public final class ValueColumns {
    private ValueColumns() {}

    /**
     * Metric, value, age and, with {@code -o wide}, the window.
     *
     * @param format of the metric's column: {@code name} where it is the object's name, else empty
     */
    public static <T extends ChosenValue> List<Column<T>> of(String format) {
        return List.of(
                new Column<>(
                        "Metric",
                        format,
                        "Name of the metric.",
                        0,
                        row -> row.choice().served().name()),
                new Column<>(
                        "Value",
                        "",
                        "Value over the window.",
                        0,
                        row -> ValueText.of(row.choice().served(), row.value().quantity())),
                new Column<>(
                        "Age",
                        "",
                        "Age of the sample.",
                        0,
                        row -> HumanText.age(row.value().age())),
                new Column<>(
                        "Window",
                        "",
                        "How much time it covers.",
                        1,
                        row -> row.value().windowSeconds() + "s"));
    }
}
