package io.kpod.apiserver;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A client of a watch: reads its lines as they come. */
public final class OpenWatch implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final ObjectNode END = JsonMapper.shared().createObjectNode().put("type", "END");

    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpResponse<java.io.InputStream> response;
    private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();

    /** Begins it; returns when the answer's headers are there. */
    public OpenWatch(String url, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        if (headers.length > 0) {
            request.headers(headers);
        }
        response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        Thread.ofVirtual().start(this::read);
    }

    /** The answer's code. */
    public int code() {
        return response.statusCode();
    }

    /** The next event; one of type END when the server has ended the watch. */
    public JsonNode next() throws InterruptedException {
        JsonNode event = events.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        if (event == null) {
            throw new AssertionError("no event in " + PATIENCE);
        }
        return event;
    }

    /** The next event as TYPE name. */
    public String nextName() throws InterruptedException {
        return text(next());
    }

    /** The next events as TYPE name, in the order of names. */
    public List<String> nextNames(int count) throws InterruptedException {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(nextName());
        }
        names.sort(String::compareTo);
        return names;
    }

    /** Whether nothing comes for a while. */
    public boolean isQuiet() throws InterruptedException {
        JsonNode event = events.poll(500, TimeUnit.MILLISECONDS);
        if (event != null) {
            throw new AssertionError("an event came: " + event);
        }
        return true;
    }

    private static String text(JsonNode event) {
        return event.at("/type").asString() + " "
                + event.at("/object/metadata/name").asString("");
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isEmpty()) {
                    events.add(JsonMapper.shared().readTree(line));
                }
            }
            events.add(END);
        } catch (IOException | UncheckedIOException e) {
            events.add(END);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
