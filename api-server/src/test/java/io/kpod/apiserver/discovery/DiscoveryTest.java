package io.kpod.apiserver.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.javalin.Javalin;
import io.kpod.apiserver.discovery.GroupDeclaration.Resource;
import io.kpod.apiserver.discovery.GroupDeclaration.Version;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DiscoveryTest {
    private static final String V2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    private static final List<GroupDeclaration> GROUPS = List.of(
            new GroupDeclaration(
                    "a.example",
                    List.of(new Version(
                            "v1",
                            List.of(new Resource(
                                    "things",
                                    "thing",
                                    true,
                                    "Thing",
                                    List.of("get", "list"),
                                    List.of("th"),
                                    List.of("all")))))),
            new GroupDeclaration(
                    "b.example",
                    List.of(
                            new Version(
                                    "v2",
                                    List.of(new Resource(
                                            "pods/m", "", true, "Values", List.of("get"), List.of(), List.of()))),
                            new Version(
                                    "v1",
                                    List.of(new Resource(
                                            "pods/m", "", true, "Values", List.of("get"), List.of(), List.of()))))));

    private final HttpClient client = HttpClient.newHttpClient();
    private Javalin server = Javalin.create();

    @BeforeAll
    void start() {
        server = Javalin.create(config -> {
                    config.startup.showJavalinBanner = false;
                    new Discovery(GROUPS).routes(config.routes);
                })
                .start(0);
    }

    @AfterAll
    void stop() {
        server.stop();
    }

    @Test
    void plainClientsGetTheListOfGroups() throws Exception {
        HttpResponse<String> answer = get("/apis", "application/json");
        assertThat(answer.body())
                .isEqualTo("{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":["
                        + "{\"name\":\"a.example\",\"versions\":[{\"groupVersion\":\"a.example/v1\",\"version\":\"v1\"}],"
                        + "\"preferredVersion\":{\"groupVersion\":\"a.example/v1\",\"version\":\"v1\"}},"
                        + "{\"name\":\"b.example\",\"versions\":[{\"groupVersion\":\"b.example/v2\",\"version\":\"v2\"},"
                        + "{\"groupVersion\":\"b.example/v1\",\"version\":\"v1\"}],"
                        + "\"preferredVersion\":{\"groupVersion\":\"b.example/v2\",\"version\":\"v2\"}}]}");
        assertThat(get("/apis/a.example", "*/*").body())
                .startsWith("{\"kind\":\"APIGroup\",\"apiVersion\":\"v1\",\"name\":\"a.example\"");
    }

    @Test
    void aVersionListsItsResources() throws Exception {
        assertThat(get("/apis/a.example/v1", "application/json").body())
                .isEqualTo(
                        "{\"kind\":\"APIResourceList\",\"apiVersion\":\"v1\",\"groupVersion\":\"a.example/v1\",\"resources\":["
                                + "{\"name\":\"things\",\"singularName\":\"thing\",\"namespaced\":true,\"kind\":\"Thing\","
                                + "\"verbs\":[\"get\",\"list\"],\"shortNames\":[\"th\"],\"categories\":[\"all\"]}]}");
    }

    @Test
    void theAggregatorGetsAllGroupsInOneDocumentWithItsParametersEchoed() throws Exception {
        HttpResponse<String> answer = get("/apis", V2 + ",application/json");
        assertThat(answer.headers().firstValue("Content-Type")).contains(V2);
        assertThat(answer.headers().firstValue("Vary")).contains("Accept");
        assertThat(answer.headers().firstValue("Cache-Control")).contains("public");
        assertThat(answer.body())
                .startsWith(
                        "{\"kind\":\"APIGroupDiscoveryList\",\"apiVersion\":\"apidiscovery.k8s.io/v2\",\"metadata\":{},\"items\":[")
                .contains(
                        "{\"resource\":\"things\",\"responseKind\":{\"group\":\"a.example\",\"version\":\"v1\",\"kind\":\"Thing\"},"
                                + "\"scope\":\"Namespaced\",\"singularResource\":\"thing\",\"verbs\":[\"get\",\"list\"],\"shortNames\":[\"th\"],\"categories\":[\"all\"]}")
                .contains(
                        "{\"resource\":\"pods\",\"responseKind\":{\"group\":\"\",\"version\":\"\",\"kind\":\"\"},\"scope\":\"Namespaced\","
                                + "\"singularResource\":\"\",\"verbs\":[],\"subresources\":[{\"subresource\":\"m\",\"responseKind\":"
                                + "{\"group\":\"b.example\",\"version\":\"v2\",\"kind\":\"Values\"},\"verbs\":[\"get\"]}]}")
                .contains("\"freshness\":\"Current\"");
    }

    @Test
    void theBetaIsServedAndUnknownParametersAreTolerated() throws Exception {
        String beta = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";
        assertThat(get("/apis", "application/json;g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList," + beta)
                        .headers()
                        .firstValue("Content-Type"))
                .contains(beta);
        assertThat(get("/apis", V2 + ";profile=nopeer").headers().firstValue("Content-Type"))
                .contains(V2);
    }

    @Test
    void anUnchangedDocumentIsNotSentAgain() throws Exception {
        String etag = get("/apis", V2).headers().firstValue("ETag").orElseThrow();
        assertThat(etag).matches("\"[0-9A-F]{128}\"");
        HttpResponse<String> again = client.send(
                HttpRequest.newBuilder(uri("/apis"))
                        .header("Accept", V2)
                        .header("If-None-Match", etag)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(again.headers().firstValue("Content-Type")).contains(V2);
        assertThat(again.headers().firstValue("ETag")).contains(etag);
    }

    private HttpResponse<String> get(String path, String accept) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri(path)).header("Accept", accept).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }
}
