package io.kpod.apiserver.inventory;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node of the cluster, or a machine of its own.
 *
 * @param uid empty: not known
 * @param created null: not known
 */
public record Node(
        String name,
        String uid,
        Map<String, String> labels,
        @Nullable Instant created) {
    public Node {
        labels = Map.copyOf(labels);
    }
}
