package io.kpod.agent.exposition;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.kpod.agent.FailureLog;
import io.kpod.agent.snapshot.NodeReadings;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers with the page, in the format that the scraper accepts, compressed if it accepts gzip. A page is made in memory
 * at once, the containers' series under the readings' lock, and sent without it. Thread-safe.
 */
public final class MetricsPage implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger("metrics");

    /** Pages in memory at once: a slow scraper has its own until it has read it. */
    private static final int MOST_PAGES = 3;

    /** Prometheus gives up after as long, unless told otherwise. */
    private static final int WAIT_SECONDS = 10;

    private record Writers(ContainerSeries containers, ExpositionFormatWriter ownMeters) {}

    private final FailureLog failures = new FailureLog(LOG);
    private final NodeReadings readings;
    private final String nodeName;
    private final PrometheusRegistry ownMeters;
    private final Map<PageFormat, Writers> writers = new EnumMap<>(PageFormat.class);
    private final Semaphore places = new Semaphore(MOST_PAGES, true);

    /** Kept for the next page; the others are garbage once they are sent. */
    private final Queue<Page> spare = new ArrayBlockingQueue<>(1);

    /** Shows these readings, and then the agent's own meters, no metric of which is one of the catalogue. */
    public MetricsPage(NodeReadings readings, String nodeName, PrometheusRegistry ownMeters) {
        this.readings = readings;
        this.ownMeters = ownMeters;
        this.nodeName = nodeName;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                refuse(exchange, 405, "only GET\n");
            } else if (places.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                try {
                    answer(exchange, method.equals("HEAD"));
                } finally {
                    places.release();
                }
            } else {
                refuse(exchange, 503, "too many scrapes at once that are not read\n");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(HttpExchange exchange, boolean headOnly) throws IOException {
        PageFormat format = PageFormat.accepted(header(exchange, "Accept"));
        exchange.getResponseHeaders().set("Content-Type", format.contentType());
        if (headOnly) {
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        Page reused = spare.poll();
        Page page = reused == null ? new Page() : reused;
        try {
            page.clear();
            try {
                write(page, format);
                failures.works("pages are made again");
            } catch (RuntimeException e) { // the server would close the connection without a word
                failures.failed("making a page failed: " + e);
                refuse(exchange, 500, "making the page failed; the agent's log has why\n");
                return;
            }
            send(page, exchange);
        } finally {
            if (!spare.offer(page)) {
                page.close();
            }
        }
    }

    private static void send(Page page, HttpExchange exchange) throws IOException {
        if (acceptsGzip(header(exchange, "Accept-Encoding"))) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(200, 0);
            page.writeCompressedTo(exchange.getResponseBody());
        } else {
            exchange.sendResponseHeaders(200, page.length());
            page.writeTo(exchange.getResponseBody());
        }
    }

    private void write(Page page, PageFormat format) throws IOException {
        Writers of = writers(format);
        readings.scrape(containers -> of.containers().write(containers, page));
        of.ownMeters().write(page.ownMeters(), ownMeters.scrape());
    }

    /** Made when a format is first asked for: the library's classes for protobuf are many. */
    private synchronized Writers writers(PageFormat of) {
        return writers.computeIfAbsent(
                of, format -> new Writers(new ContainerSeries(format.series(), nodeName), format.ownMeters()));
    }

    private static boolean acceptsGzip(@Nullable String header) {
        return header != null
                && Arrays.stream(header.split(","))
                        .map(coding -> Arrays.stream(coding.split(";"))
                                .map(String::strip)
                                .toArray(String[]::new))
                        .anyMatch(coding -> coding[0].equalsIgnoreCase("gzip") && PageFormat.quality(coding) > 0);
    }

    /** All of a header's values, joined. */
    private static @Nullable String header(HttpExchange exchange, String name) {
        var values = exchange.getRequestHeaders().get(name);
        return values == null ? null : String.join(",", values);
    }

    private static void refuse(HttpExchange exchange, int code, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }
}
