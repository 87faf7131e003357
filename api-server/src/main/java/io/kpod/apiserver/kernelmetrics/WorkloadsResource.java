package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.change.Ledger;
import io.kpod.apiserver.change.Version;
import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.Workload;
import io.kpod.apiserver.query.PodQuery;
import io.kpod.apiserver.query.WorkloadQuery;
import io.kpod.apiserver.query.WorkloadQuery.WorkloadAnswer;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.PodName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** {@code /apis/kernelmetrics.kpod.io/v1beta1/…/workloads}. */
public final class WorkloadsResource extends KernelMetricsResource<Workload, WorkloadKernelMetrics> {
    static final ResourceType<WorkloadKernelMetrics> TYPE = new ResourceType<>(
            "workloads",
            WorkloadKernelMetrics.KIND,
            true,
            "wkm",
            WorkloadKernelMetrics.class,
            WorkloadColumns.COLUMNS,
            WorkloadColumns.METRICS,
            List.of(
                    ListOptions.NAME_FIELD,
                    ListOptions.NAMESPACE_FIELD,
                    WorkloadsResource.KIND_FIELD,
                    WorkloadsResource.WORKLOAD_FIELD));

    private static final String KIND_FIELD = "workload.kind";
    private static final String WORKLOAD_FIELD = "workload.name";

    private final WorkloadQuery query;

    public WorkloadsResource(Inventory inventory, PodQuery pods, Serving serving) {
        super(TYPE, serving);
        this.query = new WorkloadQuery(inventory, pods);
    }

    @Override
    Ledger<Workload> ledger() {
        return serving().presence().workloads();
    }

    @Override
    WorkloadKernelMetrics one(PodName name, String revision, Moment moment) {
        return query.find(name)
                .flatMap(workload -> query.measured(workload, moment.window(), moment.wanted())
                        .map(answer -> WorkloadKernelMetrics.of(workload, answer, revision, moment.now())))
                .orElseThrow(() -> query.whyNot(name, moment.window()).notFound(GROUP, TYPE.resource(), name.name()));
    }

    @Override
    Optional<WorkloadKernelMetrics> measured(Version<Workload> version, Moment moment) {
        return query.measured(version.subject(), moment.window(), moment.wanted())
                .map(answer -> object(version, answer, moment));
    }

    @Override
    WorkloadKernelMetrics gone(Version<Workload> version, Moment moment) {
        long born = Objects.requireNonNullElse(version.subject().created(), moment.now())
                .toEpochMilli();
        return object(version, new WorkloadAnswer(Duration.ZERO, 0, 0, ContainerWindow.nothing(born)), moment);
    }

    @Override
    Map<String, String> labels(Workload workload) {
        return workload.labels();
    }

    @Override
    Map<String, String> fields(Workload workload) {
        PodName key = Workload.key(workload.owner());
        return Map.of(
                ListOptions.NAME_FIELD,
                key.name(),
                ListOptions.NAMESPACE_FIELD,
                key.namespace(),
                KIND_FIELD,
                workload.owner().kind(),
                WORKLOAD_FIELD,
                workload.owner().name());
    }

    private static WorkloadKernelMetrics object(Version<Workload> version, WorkloadAnswer answer, Moment moment) {
        return WorkloadKernelMetrics.of(version.subject(), answer, Long.toString(version.revision()), moment.now());
    }
}
