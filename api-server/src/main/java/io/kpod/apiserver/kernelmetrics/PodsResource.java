package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.change.Ledger;
import io.kpod.apiserver.change.Version;
import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.query.Answer;
import io.kpod.apiserver.query.PodQuery;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.PodWindow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** {@code /apis/kernelmetrics.kpod.io/v1beta1/…/pods}. */
public final class PodsResource extends KernelMetricsResource<Pod, PodKernelMetrics> {
    static final ResourceType<PodKernelMetrics> TYPE = new ResourceType<>(
            "pods",
            PodKernelMetrics.KIND,
            true,
            "pkm",
            PodKernelMetrics.class,
            PodColumns.COLUMNS,
            PodColumns.METRICS,
            List.of(ListOptions.NAME_FIELD, ListOptions.NAMESPACE_FIELD, ListOptions.NODE_FIELD));

    private final Inventory inventory;
    private final PodQuery query;

    public PodsResource(Inventory inventory, PodQuery query, Serving serving) {
        super(TYPE, serving);
        this.inventory = inventory;
        this.query = query;
    }

    @Override
    Ledger<Pod> ledger() {
        return serving().presence().pods();
    }

    @Override
    PodKernelMetrics one(PodName name, String revision, Moment moment) {
        return switch (query.ask(name, moment.window(), moment.wanted())) {
            case Answer.Measured(Pod pod, PodWindow window) -> object(pod, window, revision, moment);
            case Answer.Absent(var absence) -> throw absence.notFound(GROUP, TYPE.resource(), name.name());
        };
    }

    @Override
    Optional<PodKernelMetrics> measured(Version<Pod> version, Moment moment) {
        Pod pod = version.subject();
        return query.measured(pod, moment.window(), moment.wanted())
                .map(window -> object(pod, window, Long.toString(version.revision()), moment));
    }

    @Override
    PodKernelMetrics gone(Version<Pod> version, Moment moment) {
        Pod pod = version.subject();
        PodWindow last = query.last(pod, moment.window(), moment.wanted())
                .orElseGet(() -> new PodWindow(
                        Duration.ZERO,
                        ContainerWindow.nothing(Objects.requireNonNullElse(pod.created(), moment.now())
                                .toEpochMilli()),
                        List.of()));
        return object(pod, last, Long.toString(version.revision()), moment);
    }

    @Override
    Map<String, String> labels(Pod pod) {
        return pod.labels();
    }

    @Override
    Map<String, String> fields(Pod pod) {
        return Map.of(
                ListOptions.NAME_FIELD, pod.name().name(),
                ListOptions.NAMESPACE_FIELD, pod.name().namespace(),
                ListOptions.NODE_FIELD, pod.node());
    }

    private PodKernelMetrics object(Pod pod, PodWindow window, String revision, Moment moment) {
        return PodKernelMetrics.of(pod, inventory.workload(pod), window, revision, moment.now());
    }
}
