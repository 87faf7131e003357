package io.kpod.apiserver.change;

import java.util.List;
import java.util.OptionalLong;

/**
 * Part of a list.
 *
 * @param more whether there is a next one
 * @param remaining how many are on the next ones; empty: unknown
 */
public record Page<S>(List<Version<S>> items, boolean more, OptionalLong remaining) {
    public Page {
        items = List.copyOf(items);
    }
}
