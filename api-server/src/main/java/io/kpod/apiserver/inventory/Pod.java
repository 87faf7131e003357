package io.kpod.apiserver.inventory;

import io.kpod.apiserver.window.PodName;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pod, as far as it matters here.
 *
 * @param uid empty if unknown
 * @param node empty if it is not scheduled
 * @param phase {@code Running}, {@code Pending}, {@code Succeeded}, {@code Failed}; empty if unknown
 * @param ready whether it runs, its Ready condition is true and it is not being deleted: what ought to be measured; false if unknown
 * @param controller its direct controller, null for a bare pod
 */
public record Pod(
        PodName name,
        String uid,
        Map<String, String> labels,
        @Nullable Instant created,
        String node,
        String phase,
        boolean ready,
        @Nullable Owner controller) {
    public Pod {
        labels = Map.copyOf(labels);
    }

    /** Whether all its containers have ended for good. */
    public boolean finished() {
        return phase.equals("Succeeded") || phase.equals("Failed");
    }
}
