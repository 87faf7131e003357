package io.kpod.apiserver.externalmetrics;

import io.kpod.apiserver.table.ApiObject;
import io.kpod.apiserver.table.ObjectMeta;
import io.kpod.apiserver.value.ChosenValue;
import io.kpod.apiserver.value.Value;
import io.kpod.apiserver.value.ValueChoice;
import java.time.Instant;
import java.util.Map;

/**
 * The number of a set of pods.
 *
 * @param labels what was asked for by {@code KEY=VALUE}: labels of the pods and keys of kpod
 */
record ExternalValue(
        String namespace, ValueChoice choice, Map<String, String> labels, Instant timestamp, Value.Present value)
        implements ApiObject, ChosenValue {
    @Override
    public ObjectMeta metadata() {
        return new ObjectMeta(choice.served().name(), namespace, null, null, null, null);
    }
}
