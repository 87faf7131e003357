package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.inventory.Owner;

/** Kind and name of a top controller. */
public record WorkloadReference(
        @JsonPropertyDescription("Kind of the controller; Pod: a bare pod.")
        String kind,

        @JsonPropertyDescription("Name of the controller.") String name) {
    static WorkloadReference of(Owner owner) {
        return new WorkloadReference(owner.kind(), owner.name());
    }
}
