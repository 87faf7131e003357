package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.inventory.Node;
import io.kpod.apiserver.query.NodeQuery.NodeAnswer;
import io.kpod.apiserver.table.ApiObject;
import io.kpod.apiserver.table.ObjectMeta;
import io.kpod.summary.wire.CollectorReport;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** What the kernel of one node did to all its pods lately, and to what is beside them. */
@JsonClassDescription("What the kernel of one node did to all its pods lately, and to what is beside them.")
public record NodeKernelMetrics(
        @JsonPropertyDescription("Always NodeKernelMetrics.")
        String kind,

        @JsonPropertyDescription("Always kernelmetrics.kpod.io/v1beta1.")
        String apiVersion,

        @JsonPropertyDescription("Name, labels and uid are those of the node.")
        ObjectMeta metadata,

        @JsonPropertyDescription("When the last summary of the node arrived; the window ends there.")
        Instant timestamp,

        @JsonPropertyDescription(
                "How much time rates and distributions cover: what was asked for, or less of an agent that started in it. What is read from files covers whole intervals of kpod.poll-interval that end with the last reading, at least one.")
        String window,

        @JsonPropertyDescription(
                "All containers merged, those of excluded namespaces and such as were too short-lived for a name among them. Totals are those of the containers that are there now, so they fall when one goes; rates don't. Filesystems stand with the containers that mount them.")
        ContainerKernelMetrics total,

        @JsonPropertyDescription("What the node's agent measures by, or why not.")
        List<Collector> collectors,

        @JsonPropertyDescription("Containers that the kernel programs had no slot for, since the agent's start.")
        long overflowedContainers,

        @JsonIgnore Duration age)
        implements ApiObject, Sampled {
    /** The kind. */
    public static final String KIND = "NodeKernelMetrics";

    /** One family of signals on the node. */
    public record Collector(
            @JsonPropertyDescription("Name of the collector, as configuration calls it.")
            String name,

            @JsonPropertyDescription("Whether it runs.") boolean running,

            @JsonPropertyDescription("The kernel hook or file that it runs on; why it is off otherwise.")
            String reason) {
        static Collector of(CollectorReport report) {
            return new Collector(report.collector(), report.running(), report.reason());
        }
    }

    public NodeKernelMetrics {
        timestamp = timestamp.truncatedTo(ChronoUnit.SECONDS);
        collectors = List.copyOf(collectors);
    }

    static NodeKernelMetrics of(Node node, NodeAnswer answer, String revision, Instant now) {
        return new NodeKernelMetrics(
                KIND,
                KernelMetrics.API_VERSION,
                new ObjectMeta(
                        node.name(),
                        null,
                        node.uid().isEmpty() ? null : node.uid(),
                        revision,
                        node.created(),
                        node.labels()),
                now.minus(answer.state().age()),
                Sampled.window(answer.total()),
                ContainerKernelMetrics.ofPods(answer.total()),
                answer.state().collectors().stream().map(Collector::of).toList(),
                answer.state().overflowedContainers(),
                answer.state().age());
    }
}
