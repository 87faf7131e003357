package io.kpod.apiserver.kernelmetrics;

import io.javalin.http.Context;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.query.WindowLength;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.table.ApiObject;
import io.kpod.apiserver.table.Column;
import io.kpod.apiserver.table.JsonAnswer;
import io.kpod.apiserver.table.ListMeta;
import io.kpod.apiserver.table.PartialObjectMetadata;
import io.kpod.apiserver.table.PartialObjectMetadataList;
import io.kpod.apiserver.table.Representation;
import io.kpod.apiserver.table.TableDocument;
import io.kpod.apiserver.table.TableDocument.IncludeObject;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.WindowStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One resource of the group: get and list, in every form that kubectl asks for.
 *
 * @param <S> what is measured
 * @param <T> what is said of it
 */
abstract class KernelMetricsResource<S, T extends ApiObject> implements ApiGroup {
    static final String GROUP = "kernelmetrics.kpod.io";
    static final String VERSION = "v1beta1";
    static final String BASE = "/apis/" + GROUP + "/" + VERSION;

    private final String resource;
    private final List<Column<T>> columns;
    private final List<String> fields;
    private final WindowStore store;
    private final WindowLength windows;
    private final InstantSource wallClock;

    /**
     * @param resource plural
     * @param fields that a field selector can choose by
     * @param wallClock for timestamps, which are for people
     */
    KernelMetricsResource(
            String resource, List<Column<T>> columns, List<String> fields, WindowStore store, InstantSource wallClock) {
        this.resource = resource;
        this.columns = columns;
        this.fields = fields;
        this.store = store;
        this.windows = new WindowLength(store.retention());
        this.wallClock = wallClock;
    }

    /** When and at which revision of the store an answer is made. */
    record Moment(Duration window, String revision, Instant now) {}

    /** The object of that name; 404 with the reason if there is nothing to say. */
    abstract T one(PodName name, Moment moment);

    /** What is said of one; empty: nothing. */
    abstract Optional<T> measured(S subject, Moment moment);

    /** What selectors choose among, in the order of names. */
    abstract Stream<S> candidates(@Nullable String namespace, ListOptions options);

    /** Whether the selectors choose it. */
    abstract boolean selected(S subject, ListOptions options);

    /** The list's own type. */
    abstract Object list(ListMeta metadata, List<T> items);

    /** Answers a GET of one. */
    final void get(Context context, PodName name) {
        Representation form = Representation.negotiate(context.header("Accept"), Representation.Shape.OBJECT);
        Duration window = ListOptions.window(context, windows);
        IncludeObject include = include(context);
        Moment moment = now(window);
        T object = one(name, moment);
        JsonAnswer.write(
                context,
                switch (form) {
                    case Representation.Plain() -> object;
                    case Representation.AsTable(String version) ->
                        TableDocument.of(
                                version, new ListMeta(moment.revision(), null), columns, List.of(object), include);
                    case Representation.AsMetadata(String version) -> PartialObjectMetadata.of(version, object);
                });
    }

    /** Answers a GET of the collection. */
    final void list(Context context, @Nullable String namespace) {
        if (isTrue(context.queryParam("watch"))) {
            throw new StatusException(
                    StatusException.Reason.METHOD_NOT_ALLOWED,
                    "the server does not allow watch on " + resource + "." + GROUP);
        }
        Representation form = Representation.negotiate(context.header("Accept"), Representation.Shape.LIST);
        Duration window = ListOptions.window(context, windows);
        IncludeObject include = include(context);
        Moment moment = now(window);
        Page<T> page = page(namespace, ListOptions.of(context, fields), moment);
        ListMeta metadata = new ListMeta(moment.revision(), page.next());
        JsonAnswer.write(
                context,
                switch (form) {
                    case Representation.Plain() -> list(metadata, page.items());
                    case Representation.AsTable(String version) ->
                        TableDocument.of(version, metadata, columns, page.items(), include);
                    case Representation.AsMetadata(String version) ->
                        PartialObjectMetadataList.of(version, metadata, page.items());
                });
    }

    private record Page<T>(List<T> items, @Nullable String next) {}

    private Page<T> page(@Nullable String namespace, ListOptions options, Moment moment) {
        List<T> items = new ArrayList<>();
        Iterator<S> subjects = candidates(namespace, options).iterator();
        while (subjects.hasNext()) {
            S subject = subjects.next();
            if (!selected(subject, options)) {
                continue;
            }
            Optional<T> object = measured(subject, moment);
            if (object.isEmpty()) {
                continue;
            }
            if (options.limit() > 0 && items.size() == options.limit()) {
                return new Page<>(items, ContinueToken.encode(nameOf(items.getLast())));
            }
            items.add(object.get());
        }
        return new Page<>(items, null);
    }

    private PodName nameOf(T object) {
        String namespace = object.metadata().namespace();
        return new PodName(namespace == null ? "" : namespace, object.metadata().name());
    }

    private Moment now(Duration window) {
        return new Moment(window, Long.toString(store.revision()), wallClock.instant());
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
