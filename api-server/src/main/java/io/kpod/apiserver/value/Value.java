package io.kpod.apiserver.value;

import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.query.Absence;
import java.time.Duration;

/** What a question for one number gets. */
public sealed interface Value {
    /**
     * A number.
     *
     * @param age how old the newest summary is that it rests on
     * @param covered how much time it covers
     */
    record Present(Quantity quantity, Duration age, Duration covered) implements Value {
        /** Whole seconds, at least one. */
        public long windowSeconds() {
            return Math.max(1, Math.round(covered.toMillis() / 1000.0));
        }
    }

    /** None, and why. */
    record Absent(Absence absence) implements Value {}
}
