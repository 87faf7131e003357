package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.quantity.Quantity;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Numbers that may be missing, as fields that may be absent. */
final class Quantities {
    private Quantities() {}

    static @Nullable Quantity ofRate(OptionalDouble perSecond) {
        return perSecond.isEmpty() ? null : Quantity.ofRate(perSecond.getAsDouble());
    }

    static @Nullable Quantity ofBytes(OptionalDouble bytes) {
        return bytes.isEmpty() ? null : Quantity.ofBytes(bytes.getAsDouble());
    }

    /** Null for NaN: what an empty distribution has for a quantile. */
    static @Nullable Quantity of(double number) {
        return Double.isNaN(number) ? null : Quantity.of(number);
    }
}
