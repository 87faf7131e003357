package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.inventory.Owner;
import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.table.ApiObject;
import io.kpod.apiserver.table.ObjectMeta;
import io.kpod.apiserver.window.PodWindow;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the kernel did to one pod lately. This declaration is the API: JSON and tables are drawn from it. */
@JsonClassDescription(
        "What the kernel did to one pod lately. All numbers are of one window that ends with the last summary of the pod's node; what was not measured is absent.")
public record PodKernelMetrics(
        @JsonPropertyDescription("Always PodKernelMetrics.") String kind,

        @JsonPropertyDescription("Always kernelmetrics.kpod.io/v1beta1.")
        String apiVersion,

        @JsonPropertyDescription("Name, namespace, labels and uid are those of the pod.")
        ObjectMeta metadata,

        @JsonPropertyDescription("Node that the pod is on and whose agent measured it.")
        String nodeName,

        @JsonPropertyDescription("When the last summary of the node arrived; the window ends there.")
        Instant timestamp,

        @JsonPropertyDescription(
                "How much time rates and distributions cover: what was asked for, or less of a young pod. What is read from files (CPU usage, throttling, pressure, disks and interfaces) covers whole intervals of kpod.poll-interval that end with the last reading, at least one.")
        String window,

        @JsonPropertyDescription("Top controller of the pod, or the pod itself.")
        WorkloadReference workload,

        @JsonPropertyDescription("All containers merged.") ContainerKernelMetrics total,

        @JsonPropertyDescription("One for each container, by name.")
        List<ContainerKernelMetrics> containers,

        @JsonPropertyDescription("The pod's network interfaces, by name.") @Nullable
        List<InterfaceMetrics> interfaces,

        @JsonIgnore Duration age)
        implements ApiObject, Sampled {
    /** The kind. */
    public static final String KIND = "PodKernelMetrics";

    public PodKernelMetrics {
        timestamp = timestamp.truncatedTo(ChronoUnit.SECONDS);
        containers = List.copyOf(containers);
    }

    static PodKernelMetrics of(Pod pod, Owner workload, PodWindow window, String revision, Instant now) {
        return new PodKernelMetrics(
                KIND,
                KernelMetrics.API_VERSION,
                new ObjectMeta(
                        pod.name().name(),
                        pod.name().namespace(),
                        pod.uid().isEmpty() ? null : pod.uid(),
                        revision,
                        pod.created(),
                        pod.labels()),
                pod.node(),
                now.minus(window.age()),
                Sampled.window(window.total()),
                WorkloadReference.of(workload),
                ContainerKernelMetrics.of(null, window.total()),
                window.containers().stream()
                        .map(container -> ContainerKernelMetrics.of(container.name(), container))
                        .toList(),
                InterfaceMetrics.of(window.total()),
                window.age());
    }
}
