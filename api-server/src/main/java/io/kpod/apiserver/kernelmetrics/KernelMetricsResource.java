package io.kpod.apiserver.kernelmetrics;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.change.Event;
import io.kpod.apiserver.change.Ledger;
import io.kpod.apiserver.change.Selection;
import io.kpod.apiserver.change.Version;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.table.ApiObject;
import io.kpod.apiserver.table.JsonAnswer;
import io.kpod.apiserver.table.ListMeta;
import io.kpod.apiserver.table.Negotiated;
import io.kpod.apiserver.table.PartialObjectMetadata;
import io.kpod.apiserver.table.Representation;
import io.kpod.apiserver.table.TableDocument;
import io.kpod.apiserver.table.TableDocument.IncludeObject;
import io.kpod.apiserver.window.PodName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One resource of the group: get, list and watch, in every form that kubectl asks for.
 *
 * @param <S> what is measured
 * @param <T> what is said of it
 */
abstract class KernelMetricsResource<S, T extends ApiObject> implements ApiGroup {
    static final String GROUP = "kernelmetrics.kpod.io";
    static final String VERSION = "v1beta1";
    static final String BASE = "/apis/" + GROUP + "/" + VERSION;

    private final ResourceType<T> type;
    private final Serving serving;
    private final ListAnswer<S, T> lists;
    private final WatchAnswer<S, T> watches;

    KernelMetricsResource(ResourceType<T> type, Serving serving) {
        this.type = type;
        this.serving = serving;
        this.lists = new ListAnswer<>(this);
        this.watches = new WatchAnswer<>(this);
    }

    final ResourceType<T> type() {
        return type;
    }

    final Serving serving() {
        return serving;
    }

    /** Which there are. */
    abstract Ledger<S> ledger();

    /** What is said of one now, as of that revision; a 404 with the reason if there is nothing to say. */
    abstract T one(PodName name, String revision, Moment moment);

    /** What is said of one; empty: nothing. */
    abstract Optional<T> measured(Version<S> version, Moment moment);

    /** What is still known of one that is gone. */
    abstract T gone(Version<S> version, Moment moment);

    abstract Map<String, String> labels(S subject);

    /** The fields that a field selector can choose by. */
    abstract Map<String, String> fields(S subject);

    @Override
    public final void routes(RoutesConfig routes) {
        String collection = "/" + type.resource();
        routes.get(BASE + collection, context -> collection(context, null));
        if (type.namespaced()) {
            String within = BASE + "/namespaces/{namespace}" + collection;
            routes.get(within, context -> collection(context, context.pathParam("namespace")));
            routes.get(
                    within + "/{name}",
                    context -> get(context, new PodName(context.pathParam("namespace"), context.pathParam("name"))));
        } else {
            routes.get(
                    BASE + collection + "/{name}", context -> get(context, new PodName("", context.pathParam("name"))));
        }
    }

    @Override
    public final void stopping() {
        serving.streams().close();
    }

    /** What an answer in that form is made for: nothing is decoded that can't be seen in it. */
    final Moment moment(Context context, Representation form, IncludeObject include) {
        Moment whole = serving.moment(context);
        return switch (form) {
            case Representation.Plain() -> whole;
            case Representation.AsTable(String version) ->
                include == IncludeObject.OBJECT ? whole : whole.of(type.inTable()::contains);
            case Representation.AsMetadata(String version) -> whole.of(metric -> false);
        };
    }

    /** What the selectors of a request choose. */
    final Selection<S> selection(@Nullable String namespace, ListOptions options) {
        return new Selection<>(
                namespace != null
                        ? namespace
                        : options.fields().required(ListOptions.NAMESPACE_FIELD).orElse(null),
                options.fields().required(ListOptions.NAME_FIELD).orElse(null),
                subject -> options.labels().matches(labels(subject))
                        && options.fields().matches(fields(subject)),
                options.selectsAll());
    }

    /** An event's object; empty: there is nothing to say. */
    final Optional<T> object(Event<S> event, Moment moment) {
        return event.type() == Event.Type.DELETED
                ? Optional.of(gone(event.of(), moment))
                : measured(event.of(), moment);
    }

    private void collection(Context context, @Nullable String namespace) {
        serving.presence().expire();
        if (ListOptions.isTrue(context, "watch")) {
            watches.answer(context, namespace);
        } else {
            lists.answer(context, namespace);
        }
    }

    private void get(Context context, PodName name) {
        serving.presence().expire();
        Negotiated negotiated = Representation.negotiateWithYaml(context.header("Accept"), Representation.Shape.OBJECT);
        IncludeObject include = ListOptions.include(context);
        Moment moment = moment(context, negotiated.form(), include);
        String revision =
                Long.toString(ledger().get(name).map(Version::revision).orElseGet(ledger()::revision));
        T object = one(name, revision, moment);
        Object body = switch (negotiated.form()) {
            case Representation.Plain() -> object;
            case Representation.AsTable(String version) ->
                TableDocument.of(version, new ListMeta(revision, null, null), type.columns(), List.of(object), include);
            case Representation.AsMetadata(String version) -> PartialObjectMetadata.of(version, object);
        };
        JsonAnswer.stream(context, negotiated.yaml(), json -> json.writePOJO(body));
    }
}
