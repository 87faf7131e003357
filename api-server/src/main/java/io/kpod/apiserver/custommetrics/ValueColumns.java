package io.kpod.apiserver.custommetrics;

import io.kpod.apiserver.quantity.HumanText;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.table.Column;
import io.kpod.summary.ServedMetric;
import io.kpod.summary.Unit;
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
                    value -> value.choice().served().name()),
            new Column<>("Value", "", "Value over the window.", 0, ValueColumns::text),
            new Column<>("Age", "", "Age of the sample.", 0, value -> HumanText.age(value.age())),
            new Column<>("Window", "", "How much time it covers.", 1, value -> value.windowSeconds() + "s"));

    private ValueColumns() {}

    private static String text(MetricValue value) {
        ServedMetric served = value.choice().served();
        Quantity quantity = value.value();
        return switch (served.form()) {
            case STAT, SELECTED_STAT -> HumanText.seconds(quantity);
            case RATE, VALUE ->
                served.metric().unit() == Unit.BYTES ? HumanText.bytes(quantity) : HumanText.number(quantity);
        };
    }
}
