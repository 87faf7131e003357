package io.kpod.apiserver.table;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * meta/v1 ListMeta.
 *
 * @param next where the next page starts; null: this is the last one
 * @param remainingItemCount on the next pages; null: unknown, or none
 */
public record ListMeta(
        @Nullable String resourceVersion,
        @JsonProperty("continue") @Nullable String next,
        @Nullable Long remainingItemCount) {
    /** For a list that has neither revision nor pages. */
    public static final ListMeta EMPTY = new ListMeta(null, null, null);
}
