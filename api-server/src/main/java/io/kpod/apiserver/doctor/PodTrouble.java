package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Why a pod is not ready, of what its status says. */
final class PodTrouble {
    private PodTrouble() {}

    /** In a few words, without the pod's name; empty if it is ready. */
    static Optional<String> of(Pod pod) {
        PodStatus status = pod.getStatus();
        if (condition(status, "Ready")
                .filter(is -> is.getStatus().equals("True"))
                .isPresent()) {
            return Optional.empty();
        }
        Stream<ContainerStatus> containers =
                Objects.requireNonNullElse(status.getContainerStatuses(), List.<ContainerStatus>of()).stream();
        Optional<String> container = containers
                .filter(each -> !Boolean.TRUE.equals(each.getReady()))
                .findFirst()
                .map(PodTrouble::of);
        if (container.isPresent()) {
            return container;
        }
        Optional<String> condition = Stream.of("PodScheduled", "Initialized", "ContainersReady", "Ready")
                .flatMap(type -> condition(status, type).stream())
                .filter(each -> !each.getStatus().equals("True") && each.getMessage() != null)
                .findFirst()
                .map(each -> each.getReason() + ": " + line(each.getMessage()));
        return Optional.of(condition.orElseGet(() -> "is " + status.getPhase() + " and not ready"));
    }

    private static String of(ContainerStatus container) {
        String name = "container " + container.getName();
        String restarts =
                container.getRestartCount() > 0 ? ", restarted " + container.getRestartCount() + " times" : "";
        ContainerStateWaiting waiting =
                container.getState() == null ? null : container.getState().getWaiting();
        ContainerStateTerminated ended = ended(container);
        String last = ended == null
                ? ""
                : ", ended last with " + ended.getExitCode() + " (" + ended.getReason() + ")"
                        + (ended.getMessage() == null ? "" : ": " + line(ended.getMessage()));
        if (waiting != null) {
            String message = ended == null && waiting.getMessage() != null ? ": " + line(waiting.getMessage()) : "";
            return name + " waits: " + waiting.getReason() + message + restarts + last;
        }
        return ended == null ? name + " runs, and its readiness probe fails" + restarts : name + restarts + last;
    }

    private static @Nullable ContainerStateTerminated ended(ContainerStatus container) {
        if (container.getState() != null && container.getState().getTerminated() != null) {
            return container.getState().getTerminated();
        }
        return container.getLastState() == null
                ? null
                : container.getLastState().getTerminated();
    }

    private static Optional<PodCondition> condition(PodStatus status, String type) {
        return Objects.requireNonNullElse(status.getConditions(), List.<PodCondition>of()).stream()
                .filter(each -> each.getType().equals(type))
                .findFirst();
    }

    /** The last line that is not empty: a program's reason to end stands there. */
    private static String line(String message) {
        return message.strip()
                .lines()
                .reduce((first, second) -> second)
                .orElse("")
                .strip();
    }
}
