package io.kpod.apiserver.custommetrics;

import io.kpod.apiserver.quantity.HumanText;
import io.kpod.apiserver.table.Column;
import io.kpod.apiserver.value.ValueText;
import java.util.List;

/** Metric values as a table. */
final class ValueColumns {
    static final List<Column<MetricValue>> COLUMNS = List.of(
            new Column<>("Name", "name", "Name of the described object.", 0, MetricValue::name),
            new Column<>(
                    "Metric",
                    "",
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

    private ValueColumns() {}
}
