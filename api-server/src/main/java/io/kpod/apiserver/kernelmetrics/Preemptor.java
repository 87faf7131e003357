package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.quantity.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Who took the CPU from a pod, and how often. */
@JsonClassDescription("Who took the CPU from the pod, and how often.")
public record Preemptor(
        @JsonPropertyDescription(
                "Container: a container that is named. Self: another task of the container that lost the CPU. Service: a systemd unit of the host, or a cgroup of it. Host: tasks of the host in no service, such as threads of the kernel. AnotherPod: pods that may not be named to who asks. Other: containers that were not told apart, for they are not measured or took little.")
        String kind,

        @JsonPropertyDescription("Namespace of the container's pod.") @Nullable
        String namespace,

        @JsonPropertyDescription("The container's pod.") @Nullable
        String pod,

        @JsonPropertyDescription("Name of the container in its pod.") @Nullable
        String container,

        @JsonPropertyDescription("The systemd unit, or the path of the cgroup.") @Nullable
        String service,

        @JsonPropertyDescription("How often it took the CPU from a task that still wanted to run, within the window.")
        long count,

        @JsonPropertyDescription("Its part of all such times, from 0 to 1.")
        Quantity share) {
    private static final int SHARE_DIGITS = 3;

    /** Named, or why not. */
    enum Kind {
        SELF("Self"),
        CONTAINER("Container"),
        SERVICE("Service"),
        HOST("Host"),
        ANOTHER_POD("AnotherPod"),
        OTHER("Other");

        final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /**
     * Who it is.
     *
     * @param name the container's, or the service's; empty for those that have none
     */
    record Who(Kind kind, String namespace, String pod, String name) {
        static Who unnamed(Kind kind) {
            return new Who(kind, "", "", "");
        }
    }

    static Preemptor of(Who who, long count, long all) {
        boolean container = who.kind() == Kind.CONTAINER;
        return new Preemptor(
                who.kind().text,
                container ? who.namespace() : null,
                container ? who.pod() : null,
                container ? who.name() : null,
                who.kind() == Kind.SERVICE ? who.name() : null,
                count,
                new Quantity(BigDecimal.valueOf(count)
                        .divide(BigDecimal.valueOf(all), SHARE_DIGITS, RoundingMode.HALF_EVEN)));
    }
}
