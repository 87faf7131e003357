package io.kpod.agent;

import io.prometheus.metrics.expositionformats.generated.Metrics;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Asks an agent for its page, as a Prometheus of each age would. */
record Scrape(String contentType, byte[] body) {
    static final String PROTOBUF =
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
    static final String OPENMETRICS = "application/openmetrics-text;version=1.0.0";
    static final String TEXT = "text/plain;version=0.0.4";

    private static final Pattern SAMPLE = Pattern.compile("(\\w+)\\{([^}]*)} (\\S+)");

    static Scrape of(Agent agent, String path, String accept) throws IOException, InterruptedException {
        return of(request(agent, path, accept, "identity"));
    }

    /** The page of an agent in another process, in the text format. */
    static Scrape text(int port) throws IOException, InterruptedException {
        return of(request(port, "/metrics", TEXT, "identity"));
    }

    private static Scrape of(HttpResponse<byte[]> response) throws IOException {
        if (response.statusCode() != 200) {
            throw new IOException("HTTP " + response.statusCode());
        }
        return new Scrape(response.headers().firstValue("Content-Type").orElse(""), response.body());
    }

    static HttpResponse<byte[]> request(Agent agent, String path, String accept, String acceptEncoding)
            throws IOException, InterruptedException {
        return request(agent.metricsPort(), path, accept, acceptEncoding);
    }

    private static HttpResponse<byte[]> request(int port, String path, String accept, String acceptEncoding)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .header("Accept", accept)
                            .header("Accept-Encoding", acceptEncoding)
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    static Scrape text(Agent agent) throws IOException, InterruptedException {
        return of(agent, "/metrics", TEXT);
    }

    String page() {
        return new String(body, java.nio.charset.StandardCharsets.UTF_8);
    }

    /** What the text formats say of their families, a line each. */
    List<String> types() {
        return page().lines().filter(line -> line.startsWith("# TYPE")).toList();
    }

    /** Samples of one name whose labels contain all these {@code name="value"}. */
    Map<String, Double> samples(String name, String... labels) {
        return page().lines()
                .map(SAMPLE::matcher)
                .filter(Matcher::matches)
                .filter(sample ->
                        sample.group(1).equals(name) && List.of(labels).stream().allMatch(sample.group(2)::contains))
                .collect(Collectors.toMap(sample -> sample.group(2), sample -> Double.parseDouble(sample.group(3))));
    }

    /** The one sample of that name and labels; NaN if there is none. */
    double sample(String name, String... labels) {
        Map<String, Double> found = samples(name, labels);
        return found.isEmpty()
                ? Double.NaN
                : found.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    List<Metrics.MetricFamily> families() throws IOException {
        List<Metrics.MetricFamily> families = new ArrayList<>();
        ByteArrayInputStream in = new ByteArrayInputStream(body);
        for (var family = Metrics.MetricFamily.parseDelimitedFrom(in);
                family != null;
                family = Metrics.MetricFamily.parseDelimitedFrom(in)) {
            families.add(family);
        }
        return families;
    }
}
