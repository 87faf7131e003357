package io.kpod.apiserver.kernelmetrics;

import io.javalin.http.Context;
import io.kpod.apiserver.change.ExpiredRevisionException;
import io.kpod.apiserver.change.Page;
import io.kpod.apiserver.change.Revisions;
import io.kpod.apiserver.change.Selection;
import io.kpod.apiserver.change.Version;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.table.ApiObject;
import io.kpod.apiserver.table.JsonAnswer;
import io.kpod.apiserver.table.ListMeta;
import io.kpod.apiserver.table.Negotiated;
import io.kpod.apiserver.table.PartialObjectMetadata;
import io.kpod.apiserver.table.Representation;
import io.kpod.apiserver.table.TableDocument;
import io.kpod.apiserver.table.TableDocument.IncludeObject;
import io.kpod.apiserver.window.PodName;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * A list. Which objects are on its pages is settled by the revision of the first: none that came later, and those that
 * went since with what is still known of them. Their numbers are those of the moment. What is sent is made one object at
 * a time.
 */
final class ListAnswer<S, T extends ApiObject> {
    private static final String EXPIRED = "The provided continue parameter is too old to display a consistent list"
            + " result. You can start a new list without the continue parameter, or use the continue token in this response to"
            + " retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list -"
            + " objects that were created, modified, or deleted between the time the first chunk was returned and now may show"
            + " up in the list.";

    private final KernelMetricsResource<S, T> resource;
    private final Revisions revisions;

    ListAnswer(KernelMetricsResource<S, T> resource) {
        this.resource = resource;
        this.revisions = resource.serving().presence().revisions();
    }

    void answer(Context context, @Nullable String namespace) {
        Negotiated negotiated = Representation.negotiateWithYaml(context.header("Accept"), Representation.Shape.LIST);
        IncludeObject include = ListOptions.include(context);
        Moment moment = resource.moment(context, negotiated.form(), include);
        ListOptions options = ListOptions.of(context, resource.type().fields());
        ListOptionsCheck.ofList(options);
        Selection<S> selection = resource.selection(namespace, options);
        String sortBy = ListOptions.parameter(context, "sortBy");
        Chosen<S> chosen = sortBy.isEmpty()
                ? page(selection, options)
                : worst(selection, options, SortKey.of(sortBy, resource.type().type()), moment);
        JsonAnswer.stream(context, negotiated.yaml(), json -> write(json, negotiated.form(), chosen, moment, include));
    }

    /** @param items in the order in which they are sent */
    private record Chosen<S>(ListMeta metadata, List<Version<S>> items) {}

    private Chosen<S> page(Selection<S> selection, ListOptions options) {
        ContinueToken from = options.next();
        long revision = from == null || from.revision() == ContinueToken.LATEST ? asked(options) : from.revision();
        if (from != null && revisions.age(revision).compareTo(resource.serving().retention()) > 0) {
            throw expired(from.last());
        }
        PodName after = from == null ? null : from.last();
        try {
            Page<S> page = resource.ledger()
                    .page(
                            revision,
                            revisions.bornUntil(revision),
                            selection,
                            after,
                            options.limit(),
                            from == null ? OptionalLong.empty() : from.remaining());
            String next = page.more()
                    ? new ContinueToken(revision, page.items().getLast().key(), page.remaining()).encode()
                    : null;
            Long remaining = page.remaining().isPresent() ? page.remaining().getAsLong() : null;
            return new Chosen<>(new ListMeta(Long.toString(revision), next, remaining), page.items());
        } catch (ExpiredRevisionException e) {
            if (after != null) {
                throw expired(after);
            }
            throw new StatusException(
                    StatusException.Reason.EXPIRED, "The resourceVersion for the provided list is too old.");
        }
    }

    /** The revision of a first page. */
    private long asked(ListOptions options) {
        if (options.revision().isEmpty() || options.revision().equals("0")) {
            return resource.ledger().revision();
        }
        long asked = Revisions.parse(options.revision())
                .orElseThrow(() -> ListOptions.badRequest(
                        "resourceVersion \"" + options.revision() + "\" is not one that this server gave"));
        if (revisions.isInFuture(asked)) {
            String tooLarge = "Too large resource version";
            throw new StatusException(
                    StatusException.Reason.TIMEOUT,
                    tooLarge + ": " + asked + ", current: " + resource.ledger().revision(),
                    new StatusException.Details(
                            "",
                            "",
                            "",
                            List.of(new StatusException.Cause("ResourceVersionTooLarge", tooLarge, "")),
                            1));
        }
        return options.match().equals(ListOptions.EXACT)
                ? asked
                : resource.ledger().revision();
    }

    private Chosen<S> worst(Selection<S> selection, ListOptions options, SortKey<T> key, Moment moment) {
        if (options.next() != null) {
            throw ListOptions.badRequest("a list sorted by the server has one page: sortBy does not go with continue");
        }
        long revision = asked(options);
        List<Version<S>> sorted = key.sort(
                resource.ledger().all(selection),
                version -> resource.measured(version, moment.of(key.wanted())),
                options.limit());
        return new Chosen<>(new ListMeta(Long.toString(revision), null, null), sorted);
    }

    private static StatusException expired(PodName last) {
        return new StatusException(
                StatusException.Reason.EXPIRED,
                EXPIRED,
                new ContinueToken(ContinueToken.LATEST, last, OptionalLong.empty()).encode());
    }

    private void write(
            JsonGenerator json, Representation form, Chosen<S> chosen, Moment moment, IncludeObject include) {
        json.writeStartObject();
        switch (form) {
            case Representation.Plain() -> {
                head(json, resource.type().kind() + "List", KernelMetrics.API_VERSION, chosen.metadata());
                items(json, "items", chosen, moment, object -> object);
            }
            case Representation.AsTable(String version) -> {
                head(json, "Table", "meta.k8s.io/" + version, chosen.metadata());
                json.writePOJOProperty(
                        "columnDefinitions",
                        TableDocument.definitions(resource.type().columns()));
                items(
                        json,
                        "rows",
                        chosen,
                        moment,
                        object -> TableDocument.row(version, resource.type().columns(), object, include));
            }
            case Representation.AsMetadata(String version) -> {
                head(json, "PartialObjectMetadataList", "meta.k8s.io/" + version, chosen.metadata());
                items(json, "items", chosen, moment, object -> PartialObjectMetadata.of(version, object));
            }
        }
        json.writeEndObject();
    }

    private static void head(JsonGenerator json, String kind, String apiVersion, ListMeta metadata) {
        json.writeStringProperty("kind", kind);
        json.writeStringProperty("apiVersion", apiVersion);
        json.writePOJOProperty("metadata", metadata);
    }

    private void items(
            JsonGenerator json, String name, Chosen<S> chosen, Moment moment, Function<T, Object> representation) {
        json.writeArrayPropertyStart(name);
        Iterator<Version<S>> versions = chosen.items().iterator();
        while (versions.hasNext()) {
            Version<S> version = versions.next();
            Optional<T> object = resource.ledger().get(version.key()).isPresent()
                    ? resource.measured(version, moment)
                    : Optional.of(resource.gone(version, moment));
            object.ifPresent(known -> json.writePOJO(representation.apply(known)));
        }
        json.writeEndArray();
    }
}
