package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.inventory.Workload;
import io.kpod.apiserver.query.WorkloadQuery.WorkloadAnswer;
import io.kpod.apiserver.table.ApiObject;
import io.kpod.apiserver.table.ObjectMeta;
import io.kpod.apiserver.window.PodName;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the kernel did to all pods of one top controller lately. */
@JsonClassDescription("What the kernel did to all pods of one top controller lately.")
public record WorkloadKernelMetrics(
        @JsonPropertyDescription("Always WorkloadKernelMetrics.")
        String kind,

        @JsonPropertyDescription("Always kernelmetrics.kpod.io/v1beta1.")
        String apiVersion,

        @JsonPropertyDescription(
                "The name is the controller's kind in lower case, a dot and its name; labels and uid are those of the controller.")
        ObjectMeta metadata,

        @JsonPropertyDescription("The controller itself.") WorkloadReference workload,

        @JsonPropertyDescription("How many pods the numbers are of.")
        Pods pods,

        @JsonPropertyDescription("When the latest summary of any of its nodes arrived; the window ends there.")
        Instant timestamp,

        @JsonPropertyDescription(
                "How much time rates and distributions cover: what was asked for, or less of a young workload. What is read from files covers whole intervals of kpod.poll-interval that end with the last reading, at least one.")
        String window,

        @JsonPropertyDescription(
                "All its pods merged: counters and rates are summed, distributions are one of all their events. Totals are those of the pods that are there now, so they fall when one goes; rates don't. Filesystems stand with the containers that mount them.")
        ContainerKernelMetrics total,

        @JsonPropertyDescription("The pods' network interfaces, by name, summed.") @Nullable
        List<InterfaceMetrics> interfaces,

        @JsonIgnore Duration age)
        implements ApiObject, Sampled {
    /** The kind. */
    public static final String KIND = "WorkloadKernelMetrics";

    /** How many pods there are. */
    public record Pods(
            @JsonPropertyDescription("Pods that it has.") int all,

            @JsonPropertyDescription("Those of them that the numbers are of.")
            int measured) {}

    public WorkloadKernelMetrics {
        timestamp = timestamp.truncatedTo(ChronoUnit.SECONDS);
    }

    static WorkloadKernelMetrics of(Workload workload, WorkloadAnswer answer, String revision, Instant now) {
        PodName key = Workload.key(workload.owner());
        return new WorkloadKernelMetrics(
                KIND,
                KernelMetrics.API_VERSION,
                new ObjectMeta(
                        key.name(),
                        key.namespace(),
                        workload.uid().isEmpty() ? null : workload.uid(),
                        revision,
                        workload.created(),
                        workload.labels()),
                WorkloadReference.of(workload.owner()),
                new Pods(answer.pods(), answer.measured()),
                now.minus(answer.age()),
                Sampled.window(answer.total()),
                ContainerKernelMetrics.ofPods(answer.total()),
                InterfaceMetrics.of(answer.total()),
                answer.age());
    }
}
