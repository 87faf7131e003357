package io.kpod.apiserver.kernelmetrics;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.discovery.GroupDeclaration;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.query.Answer;
import io.kpod.apiserver.query.PodQuery;
import io.kpod.apiserver.query.WindowLength;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.table.JsonAnswer;
import io.kpod.apiserver.table.ListMeta;
import io.kpod.apiserver.table.PartialObjectMetadata;
import io.kpod.apiserver.table.PartialObjectMetadataList;
import io.kpod.apiserver.table.Representation;
import io.kpod.apiserver.table.TableDocument;
import io.kpod.apiserver.table.TableDocument.IncludeObject;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.PodWindow;
import io.kpod.apiserver.window.WindowStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code /apis/kernelmetrics.kpod.io/v1beta1/…/pods}: get and list. */
public final class PodsResource implements ApiGroup {
    /** The group. */
    public static final String GROUP = "kernelmetrics.kpod.io";

    static final String VERSION = "v1beta1";
    private static final String RESOURCE = "pods";
    private static final String BASE = "/apis/" + GROUP + "/" + VERSION;

    private final Inventory inventory;
    private final WindowStore store;
    private final PodQuery query;
    private final WindowLength windows;
    private final InstantSource wallClock;

    /** @param wallClock for timestamps, which are for people */
    public PodsResource(Inventory inventory, WindowStore store, PodQuery query, InstantSource wallClock) {
        this.inventory = inventory;
        this.store = store;
        this.query = query;
        this.windows = new WindowLength(store.retention());
        this.wallClock = wallClock;
    }

    /** What discovery says of the group. */
    public static GroupDeclaration declaration() {
        return new GroupDeclaration(
                GROUP,
                List.of(new GroupDeclaration.Version(
                        VERSION,
                        List.of(new GroupDeclaration.Resource(
                                RESOURCE,
                                PodKernelMetrics.KIND.toLowerCase(Locale.ROOT),
                                true,
                                PodKernelMetrics.KIND,
                                List.of("get", "list"),
                                List.of("pkm"))))));
    }

    @Override
    public void routes(RoutesConfig routes) {
        routes.get(BASE + "/" + RESOURCE, context -> list(context, null));
        routes.get(
                BASE + "/namespaces/{namespace}/" + RESOURCE, context -> list(context, context.pathParam("namespace")));
        routes.get(BASE + "/namespaces/{namespace}/" + RESOURCE + "/{name}", this::get);
    }

    private void get(Context context) {
        Representation form = Representation.negotiate(context.header("Accept"), Representation.Shape.OBJECT);
        Duration window = ListOptions.window(context, windows);
        IncludeObject include = include(context);
        PodName name = new PodName(context.pathParam("namespace"), context.pathParam("name"));
        PodKernelMetrics pod = switch (query.ask(name, window, metric -> true)) {
            case Answer.Measured(Pod measured, PodWindow data) ->
                object(measured, data, revision(), wallClock.instant());
            case Answer.Absent(var absence) -> throw absence.notFound(GROUP, RESOURCE, name.name());
        };
        JsonAnswer.write(
                context,
                switch (form) {
                    case Representation.Plain() -> pod;
                    case Representation.AsTable(String version) ->
                        TableDocument.of(
                                version, new ListMeta(revision(), null), PodColumns.COLUMNS, List.of(pod), include);
                    case Representation.AsMetadata(String version) -> PartialObjectMetadata.of(version, pod);
                });
    }

    private void list(Context context, @Nullable String namespace) {
        if (isTrue(context.queryParam("watch"))) {
            throw new StatusException(
                    StatusException.Reason.METHOD_NOT_ALLOWED,
                    "the server does not allow watch on " + RESOURCE + "." + GROUP);
        }
        Representation form = Representation.negotiate(context.header("Accept"), Representation.Shape.LIST);
        Duration window = ListOptions.window(context, windows);
        IncludeObject include = include(context);
        Page page = page(namespace, ListOptions.of(context), window);
        ListMeta metadata = new ListMeta(revision(), page.next());
        JsonAnswer.write(
                context,
                switch (form) {
                    case Representation.Plain() -> PodKernelMetricsList.of(metadata, page.items());
                    case Representation.AsTable(String version) ->
                        TableDocument.of(version, metadata, PodColumns.COLUMNS, page.items(), include);
                    case Representation.AsMetadata(String version) ->
                        PartialObjectMetadataList.of(version, metadata, page.items());
                });
    }

    private record Page(
            List<PodKernelMetrics> items, @Nullable String next) {}

    private Page page(@Nullable String namespace, ListOptions options, Duration window) {
        List<PodKernelMetrics> items = new ArrayList<>();
        String revision = revision();
        Instant now = wallClock.instant();
        Iterator<Pod> pods = candidates(namespace, options).iterator();
        while (pods.hasNext()) {
            Pod pod = pods.next();
            if (!selected(pod, options)) {
                continue;
            }
            Optional<PodWindow> data = query.measured(pod, window, metric -> true);
            if (data.isEmpty()) {
                continue;
            }
            if (options.limit() > 0 && items.size() == options.limit()) {
                return new Page(items, ContinueToken.encode(nameOf(items.getLast())));
            }
            items.add(object(pod, data.get(), revision, now));
        }
        return new Page(items, null);
    }

    /** The pods among which the selectors choose: those of one namespace, one pod, or all. */
    private Stream<Pod> candidates(@Nullable String namespace, ListOptions options) {
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

    private static boolean selected(Pod pod, ListOptions options) {
        return options.labels().matches(pod.labels())
                && options.fields()
                        .matches(Map.of(
                                ListOptions.NAME_FIELD, pod.name().name(),
                                ListOptions.NAMESPACE_FIELD, pod.name().namespace(),
                                ListOptions.NODE_FIELD, pod.node()));
    }

    private PodKernelMetrics object(Pod pod, PodWindow window, String revision, Instant now) {
        return PodKernelMetrics.of(pod, inventory.workload(pod), window, revision, now);
    }

    private static PodName nameOf(PodKernelMetrics pod) {
        return new PodName(
                String.valueOf(pod.metadata().namespace()), pod.metadata().name());
    }

    private String revision() {
        return Long.toString(store.revision());
    }

    private static IncludeObject include(Context context) {
        String text = context.queryParam("includeObject");
        return switch (text == null ? "" : text) {
            case "", "Metadata" -> IncludeObject.METADATA;
            case "None" -> IncludeObject.NONE;
            case "Object" -> IncludeObject.OBJECT;
            default -> throw ListOptions.badRequest("includeObject \"" + text + "\" is none of None, Metadata, Object");
        };
    }

    private static boolean isTrue(@Nullable String parameter) {
        return parameter != null && (parameter.equals("true") || parameter.equals("1") || parameter.isEmpty());
    }
}
