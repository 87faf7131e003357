package io.kpod.apiserver.value;

import io.kpod.apiserver.quantity.HumanText;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.summary.ServedMetric;
import io.kpod.summary.Unit;

/** A value as people read it in a table. */
public final class ValueText {
    private ValueText() {}

    /** {@code 930µs}, {@code 1.2Mi}, {@code 200}. */
    public static String of(ServedMetric served, Quantity quantity) {
        return switch (served.form()) {
            case STAT, SELECTED_STAT -> HumanText.seconds(quantity);
            case RATE, VALUE ->
                served.metric().unit() == Unit.BYTES ? HumanText.bytes(quantity) : HumanText.number(quantity);
        };
    }
}
