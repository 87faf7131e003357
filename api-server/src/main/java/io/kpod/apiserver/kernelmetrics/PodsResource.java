package io.kpod.apiserver.kernelmetrics;

import io.javalin.config.RoutesConfig;
import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.query.Answer;
import io.kpod.apiserver.query.PodQuery;
import io.kpod.apiserver.table.ListMeta;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.PodWindow;
import io.kpod.apiserver.window.WindowStore;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code /apis/kernelmetrics.kpod.io/v1beta1/…/pods}. */
public final class PodsResource extends KernelMetricsResource<Pod, PodKernelMetrics> {
    static final String RESOURCE = "pods";

    private final Inventory inventory;
    private final PodQuery query;

    /** @param wallClock for timestamps, which are for people */
    public PodsResource(Inventory inventory, WindowStore store, PodQuery query, InstantSource wallClock) {
        super(
                RESOURCE,
                PodColumns.COLUMNS,
                List.of(ListOptions.NAME_FIELD, ListOptions.NAMESPACE_FIELD, ListOptions.NODE_FIELD),
                store,
                wallClock);
        this.inventory = inventory;
        this.query = query;
    }

    @Override
    public void routes(RoutesConfig routes) {
        routes.get(BASE + "/" + RESOURCE, context -> list(context, null));
        routes.get(
                BASE + "/namespaces/{namespace}/" + RESOURCE, context -> list(context, context.pathParam("namespace")));
        routes.get(
                BASE + "/namespaces/{namespace}/" + RESOURCE + "/{name}",
                context -> get(context, new PodName(context.pathParam("namespace"), context.pathParam("name"))));
    }

    @Override
    PodKernelMetrics one(PodName name, Moment moment) {
        return switch (query.ask(name, moment.window(), metric -> true)) {
            case Answer.Measured(Pod pod, PodWindow window) -> object(pod, window, moment);
            case Answer.Absent(var absence) -> throw absence.notFound(GROUP, RESOURCE, name.name());
        };
    }

    @Override
    Optional<PodKernelMetrics> measured(Pod pod, Moment moment) {
        return query.measured(pod, moment.window(), metric -> true).map(window -> object(pod, window, moment));
    }

    /** The pods of one namespace, one pod, or all. */
    @Override
    Stream<Pod> candidates(@Nullable String namespace, ListOptions options) {
        String within = namespace != null
                ? namespace
                : options.fields().required(ListOptions.NAMESPACE_FIELD).orElse(null);
        Optional<String> name = options.fields().required(ListOptions.NAME_FIELD);
        if (within != null && name.isPresent()) {
            PodName only = new PodName(within, name.get());
            return options.after() != null && only.compareTo(options.after()) <= 0
                    ? Stream.empty()
                    : inventory.pod(only).stream();
        }
        return inventory.pods(within, options.after());
    }

    @Override
    boolean selected(Pod pod, ListOptions options) {
        return options.labels().matches(pod.labels())
                && options.fields()
                        .matches(Map.of(
                                ListOptions.NAME_FIELD, pod.name().name(),
                                ListOptions.NAMESPACE_FIELD, pod.name().namespace(),
                                ListOptions.NODE_FIELD, pod.node()));
    }

    @Override
    Object list(ListMeta metadata, List<PodKernelMetrics> items) {
        return PodKernelMetricsList.of(metadata, items);
    }

    private PodKernelMetrics object(Pod pod, PodWindow window, Moment moment) {
        return PodKernelMetrics.of(pod, inventory.workload(pod), window, moment.revision(), moment.now());
    }
}
