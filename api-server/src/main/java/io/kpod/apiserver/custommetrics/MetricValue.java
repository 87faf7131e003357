package io.kpod.apiserver.custommetrics;

import io.kpod.apiserver.table.ApiObject;
import io.kpod.apiserver.table.ObjectMeta;
import io.kpod.apiserver.value.ChosenValue;
import io.kpod.apiserver.value.Value;
import io.kpod.apiserver.value.ValueChoice;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One number of one object, before it takes the form of a version.
 *
 * @param namespace null for a Namespace or a Node
 */
record MetricValue(
        DescribedResource resource,
        @Nullable String namespace,
        String name,
        ValueChoice choice,
        Instant timestamp,
        Value.Present value)
        implements ApiObject, ChosenValue {
    @Override
    public ObjectMeta metadata() {
        return new ObjectMeta(name, namespace, null, null, null, null);
    }
}
