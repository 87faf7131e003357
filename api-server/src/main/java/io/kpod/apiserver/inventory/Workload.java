package io.kpod.apiserver.inventory;

import io.kpod.apiserver.window.PodName;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The top controller of pods, or a bare pod.
 *
 * @param uid empty: not known, as of a custom controller
 * @param created null: not known
 */
public record Workload(
        Owner owner,
        String uid,
        Map<String, String> labels,
        @Nullable Instant created) {
    public Workload {
        labels = Map.copyOf(labels);
    }

    /** A workload of which nothing more is known. */
    static Workload of(Owner owner) {
        return new Workload(owner, "", Map.of(), null);
    }

    /** Its name among all workloads: {@code deployment.checkout}. */
    public static PodName key(Owner owner) {
        return new PodName(owner.namespace(), owner.kind().toLowerCase(Locale.ROOT) + "." + owner.name());
    }
}
