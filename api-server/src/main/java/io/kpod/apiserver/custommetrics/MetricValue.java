package io.kpod.apiserver.custommetrics;

import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.table.ApiObject;
import io.kpod.apiserver.table.ObjectMeta;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One number of one object, before it takes the form of a version.
 *
 * @param namespace null for a Namespace
 * @param age how old the newest summary is that it rests on
 */
record MetricValue(
        DescribedResource resource,
        @Nullable String namespace,
        String name,
        ValueChoice choice,
        Instant timestamp,
        Duration age,
        Duration covered,
        Quantity value)
        implements ApiObject {
    @Override
    public ObjectMeta metadata() {
        return new ObjectMeta(name, namespace, null, null, null, null);
    }

    /** Whole seconds, at least one. */
    long windowSeconds() {
        return Math.max(1, Math.round(covered.toMillis() / 1000.0));
    }
}
