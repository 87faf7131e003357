package io.kpod.apiserver.table;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** meta/v1 ObjectMeta, as far as served objects have it. */
public record ObjectMeta(
        @JsonPropertyDescription("Name of the object.") String name,

        @JsonPropertyDescription("Namespace of the object.") @Nullable
        String namespace,

        @JsonPropertyDescription("UID of the object that was measured.") @Nullable
        String uid,

        @JsonPropertyDescription("Revision of this server's store; rises with each push.") @Nullable
        String resourceVersion,

        @JsonPropertyDescription("When the object that was measured was made.") @Nullable
        Instant creationTimestamp,

        @JsonPropertyDescription("Labels of the object that was measured.") @Nullable
        Map<String, String> labels) {
    public ObjectMeta {
        creationTimestamp = creationTimestamp == null ? null : creationTimestamp.truncatedTo(ChronoUnit.SECONDS);
        labels = labels == null || labels.isEmpty() ? null : Map.copyOf(labels);
    }
}
