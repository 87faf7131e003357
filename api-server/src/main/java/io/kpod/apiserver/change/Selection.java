package io.kpod.apiserver.change;

import io.kpod.apiserver.window.PodName;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which objects of a ledger are asked for.
 *
 * @param namespace null: of all
 * @param name null: of any
 * @param matches whether the selectors choose it
 * @param everything no selector beside the namespace says anything
 */
public record Selection<S>(
        @Nullable String namespace, @Nullable String name, Predicate<S> matches, boolean everything) {
    boolean covers(PodName key) {
        return (namespace == null || namespace.equals(key.namespace())) && (name == null || name.equals(key.name()));
    }
}
