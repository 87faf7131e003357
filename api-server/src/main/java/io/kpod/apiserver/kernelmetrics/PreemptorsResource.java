package io.kpod.apiserver.kernelmetrics;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.change.Ledger;
import io.kpod.apiserver.change.Version;
import io.kpod.apiserver.http.ApiGroup;
import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.quantity.HumanText;
import io.kpod.apiserver.query.Answer;
import io.kpod.apiserver.query.PodQuery;
import io.kpod.apiserver.table.Column;
import io.kpod.apiserver.table.FieldPath;
import io.kpod.apiserver.table.JsonAnswer;
import io.kpod.apiserver.table.ListMeta;
import io.kpod.apiserver.table.Negotiated;
import io.kpod.apiserver.table.PartialObjectMetadata;
import io.kpod.apiserver.table.Representation;
import io.kpod.apiserver.table.TableDocument;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.PodWindow;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code /apis/kernelmetrics.kpod.io/v1beta1/namespaces/…/pods/…/preemptors}: who takes this pod's CPU? */
public final class PreemptorsResource implements ApiGroup {
    static final String NAME = "preemptors";

    private static final Predicate<Metric> WANTED =
            metric -> metric == Catalogue.CPU_PREEMPTIONS || metric == Catalogue.CPU_PREEMPTORS;

    private static final List<Column<Preemptor>> COLUMNS = List.of(
            column("Kind", "kind", String::valueOf),
            column("Namespace", "namespace", String::valueOf),
            new Column<>(
                    "Name",
                    "",
                    "The pod, or the service of the host.",
                    0,
                    preemptor -> preemptor.pod() != null ? preemptor.pod() : preemptor.service()),
            column("Container", "container", String::valueOf),
            column("Count", "count", String::valueOf),
            new Column<>(
                    "Share",
                    "",
                    "Its part of all preemptions of the pod.",
                    0,
                    preemptor -> HumanText.percent(preemptor.share())));

    private final PodQuery query;
    private final Serving serving;
    private final NamesPods names;

    /** @param names whom pods may be named to */
    public PreemptorsResource(PodQuery query, Serving serving, NamesPods names) {
        this.query = query;
        this.serving = serving;
        this.names = names;
    }

    @Override
    public void routes(RoutesConfig routes) {
        routes.get(
                KernelMetricsResource.BASE + "/namespaces/{namespace}/" + PodsResource.TYPE.resource() + "/{name}/"
                        + NAME,
                context -> answer(context, new PodName(context.pathParam("namespace"), context.pathParam("name"))));
    }

    private void answer(Context context, PodName name) {
        Negotiated negotiated = Representation.negotiateWithYaml(context.header("Accept"), Representation.Shape.OBJECT);
        Moment asked = serving.moment(context);
        TableDocument.IncludeObject include = ListOptions.include(context);
        Ledger<Pod> ledger = serving.presence().pods();
        String revision = Long.toString(ledger.get(name).map(Version::revision).orElseGet(ledger::revision));
        PodPreemptors object =
                object(name, new Moment(asked.window(), asked.now(), WANTED), revision, User.of(context));
        Object body = switch (negotiated.form()) {
            case Representation.Plain() -> object;
            case Representation.AsTable(String version) ->
                TableDocument.ofParts(
                        version, new ListMeta(revision, null, null), COLUMNS, object, object.preemptors(), include);
            case Representation.AsMetadata(String version) -> PartialObjectMetadata.of(version, object);
        };
        JsonAnswer.stream(context, negotiated.yaml(), json -> json.writePOJO(body));
    }

    private PodPreemptors object(PodName name, Moment moment, String revision, User user) {
        return switch (query.ask(name, moment.window(), moment.wanted())) {
            case Answer.Absent(var absence) ->
                throw absence.notFound(KernelMetricsResource.GROUP, PodsResource.TYPE.resource(), name.name());
            case Answer.Measured(Pod pod, PodWindow window) -> {
                if (window.total().labels(Catalogue.CPU_PREEMPTIONS).isEmpty()) {
                    query.collectorOffOn(pod.node(), Catalogue.CPU_PREEMPTIONS).ifPresent(absence -> {
                        throw absence.notFound(KernelMetricsResource.GROUP, PodsResource.TYPE.resource(), name.name());
                    });
                }
                Map<String, Boolean> known = new HashMap<>();
                yield PodPreemptors.of(
                        pod,
                        window,
                        (namespace, other) -> new PodName(namespace, other).equals(name)
                                || known.computeIfAbsent(namespace, each -> names.to(user, each)),
                        revision,
                        moment.now());
            }
        };
    }

    private static Column<Preemptor> column(String name, String path, Function<Object, @Nullable String> text) {
        FieldPath field = FieldPath.of(Preemptor.class, path);
        return new Column<>(name, "", field.description(), 0, preemptor -> {
            Object value = field.get(preemptor);
            return value == null ? null : text.apply(value);
        });
    }
}
