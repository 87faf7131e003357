package io.kpod.apiserver.table;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/**
 * meta/v1 ListMeta.
 *
 * @param next where the next page starts; null: this is the last one
 * @param remainingItemCount on the next pages; null: unknown, or none
 */
public record ListMeta(
        @JsonPropertyDescription("Where a watch goes on that knows this list.") @Nullable
        String resourceVersion,

        @JsonPropertyDescription("Where the next page starts; absent: this is the last one.")
        @JsonProperty("continue")
        @Nullable
        String next,

        @JsonPropertyDescription(
                "How many objects are on the next pages; absent: none, or unknown, as with a selector.")
        @Nullable
        Long remainingItemCount) {
    /** For a list that has neither revision nor pages. */
    public static final ListMeta EMPTY = new ListMeta(null, null, null);
}
