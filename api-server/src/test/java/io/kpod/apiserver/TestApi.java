package io.kpod.apiserver;

import io.javalin.Javalin;
import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.change.Presence;
import io.kpod.apiserver.custommetrics.CustomMetrics;
import io.kpod.apiserver.custommetrics.DescribedValues;
import io.kpod.apiserver.discovery.Discovery;
import io.kpod.apiserver.externalmetrics.ExternalMetrics;
import io.kpod.apiserver.http.StreamLimit;
import io.kpod.apiserver.inventory.FakeCluster;
import io.kpod.apiserver.inventory.NamespaceLookup;
import io.kpod.apiserver.kernelmetrics.KernelMetrics;
import io.kpod.apiserver.kernelmetrics.NodesResource;
import io.kpod.apiserver.kernelmetrics.PodsResource;
import io.kpod.apiserver.kernelmetrics.PreemptorsResource;
import io.kpod.apiserver.kernelmetrics.Serving;
import io.kpod.apiserver.kernelmetrics.WorkloadsResource;
import io.kpod.apiserver.openapi.OpenApi;
import io.kpod.apiserver.query.NamespaceFilter;
import io.kpod.apiserver.query.NodeQuery;
import io.kpod.apiserver.query.PodQuery;
import io.kpod.apiserver.query.WindowLength;
import io.kpod.apiserver.status.StatusBody;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.value.PodValues;
import io.kpod.apiserver.value.UnknownMetrics;
import io.kpod.apiserver.window.Admission;
import io.kpod.apiserver.window.ManualClock;
import io.kpod.apiserver.window.TestAgent;
import io.kpod.apiserver.window.WindowSettings;
import io.kpod.apiserver.window.WindowStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * All groups over a real store and a cluster made by hand, served in plain HTTP: what they do once the front has let
 * a request pass.
 */
public final class TestApi implements AutoCloseable {
    /** The wall clock's only time. */
    public static final Instant NOW = Instant.parse("2026-11-24T13:00:05.700Z");

    /** How often agents push here. */
    public static final Duration PUSH = Duration.ofSeconds(5);

    /** How many watches may be open. */
    public static final int WATCHES_PER_USER = 8;

    /** Passes when told to. */
    public final ManualClock clock = new ManualClock();
    /** Filled by the test. */
    public final FakeCluster cluster = new FakeCluster();
    /** Real. */
    public final WindowStore store =
            new WindowStore(WindowSettings.retaining(Duration.ofMinutes(5)), Admission.EVERYTHING, clock);

    /** Takes the summaries; the ledgers that lists and watches are made of. */
    public final Presence presence = new Presence(cluster, store, () -> NOW, clock);

    /** Groups that another adapter has. */
    public final Set<String> foreign = new HashSet<>();

    /** Namespaces whose pods may not be named. */
    public final Set<String> secret = new HashSet<>();

    private final StreamLimit streams = new StreamLimit(WATCHES_PER_USER, WATCHES_PER_USER);
    private final HttpClient client = HttpClient.newHttpClient();
    private final Javalin server;

    /** Starts on a free port of the loopback. */
    public TestApi() {
        PodQuery query = new PodQuery(cluster, store, new NamespaceFilter(Set.of("kube-system"), Set.of()), () -> NOW);
        NodeQuery nodes = new NodeQuery(cluster, store);
        PodValues values = new PodValues(query, nodes, new WindowLength(store.retention()), () -> NOW);
        Serving serving = new Serving(presence, streams, store.retention(), () -> NOW);
        server = Javalin.create(config -> {
                    config.startup.showJavalinBanner = false;
                    config.http.defaultContentType = "application/json";
                    config.routes.exception(
                            StatusException.class,
                            (failure, context) -> context.status(
                                            failure.reason().httpCode())
                                    .contentType(StatusBody.CONTENT_TYPE)
                                    .result(StatusBody.of(failure)));
                    new NamespaceLookup(cluster).routes(config.routes);
                    config.routes.before(User.ANONYMOUS::into);
                    new OpenApi(
                                    Stream.of(
                                                    KernelMetrics.described(),
                                                    CustomMetrics.described(),
                                                    ExternalMetrics.described())
                                            .flatMap(List::stream)
                                            .toList(),
                                    (group, version) -> !foreign.contains(group))
                            .routes(config.routes);
                    new PodsResource(cluster, query, serving).routes(config.routes);
                    new PreemptorsResource(query, serving, (user, namespace) -> !secret.contains(namespace))
                            .routes(config.routes);
                    new WorkloadsResource(cluster, query, serving).routes(config.routes);
                    new NodesResource(cluster, store, serving).routes(config.routes);
                    new CustomMetrics(
                                    new DescribedValues(cluster, query, nodes, values, () -> NOW),
                                    UnknownMetrics.NOBODY)
                            .routes(config.routes);
                    new ExternalMetrics(cluster, values, UnknownMetrics.NOBODY, () -> NOW).routes(config.routes);
                    new Discovery(List.of(
                                    KernelMetrics.declaration(),
                                    CustomMetrics.declaration(),
                                    ExternalMetrics.declaration()))
                            .routes(config.routes);
                })
                .start("127.0.0.1", 0);
    }

    /** Five seconds pass, then the agent pushes. */
    public void push(TestAgent agent) {
        clock.advance(PUSH);
        agent.push(presence, PUSH);
    }

    /** The answer to a GET with the headers given as names and values. */
    public HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The JSON of a GET. */
    public JsonNode json(String path, String... headers) throws IOException, InterruptedException {
        return JsonMapper.shared().readTree(get(path, headers).body());
    }

    /** Where it listens. */
    public String address() {
        return "http://127.0.0.1:" + server.port();
    }

    @Override
    public void close() {
        streams.close();
        server.stop();
    }
}
