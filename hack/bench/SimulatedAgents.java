import io.kpod.summary.wire.SummaryProto;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Agents that push as the real one does (the same HTTP client, over a connection for each): an increment each five
 * seconds, totals first and whenever the server does not have the one before, half a second after totals the first
 * increment, a pause that doubles after a failure. Each agent takes the server under a loopback address of its own, so
 * that none shares a connection.
 */
final class SimulatedAgents implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final long FIRST_PAUSE_MILLIS = 250;
    private static final long AFTER_TOTALS_MILLIS = 500;
    private static final long INTERVAL_MILLIS = SimulatedNode.PUSH_NANOS / 1_000_000;
    private static final int CLIENTS = 4;

    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(4, Thread.ofPlatform().daemon().name("agents-", 0).factory());
    private final List<HttpClient> clients = new ArrayList<>();
    private final List<Agent> agents = new ArrayList<>();
    private final int port;

    /** What happened to pushes; times in µs from when a push was due until its acknowledgement. */
    final ConcurrentHistogram times = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(2), 3);
    final LongAdder acknowledged = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder completes = new LongAdder();
    final LongAdder bytes = new LongAdder();
    private final AtomicInteger complaints = new AtomicInteger(3);

    /** Starts to push, spread over an interval. */
    SimulatedAgents(int count, int port, SSLContext tls, HttpClient.Version version) {
        this.port = port;
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(HttpClient.newBuilder().sslContext(tls).version(version).connectTimeout(TIMEOUT).executor(timer).build());
        }
        for (int i = 0; i < count; i++) {
            agents.add(new Agent(i, count));
        }
        agents.forEach(agent -> agent.schedule(INTERVAL_MILLIS * agent.node.number / count));
    }

    /** Counts anew. */
    void reset() {
        times.reset();
        List.of(acknowledged, failed, completes, bytes).forEach(LongAdder::reset);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        clients.forEach(HttpClient::shutdownNow);
    }

    private final class Agent {
        final SimulatedNode node;
        private final URI address;
        private final String authorization;
        private final long started = System.nanoTime();
        private final AtomicLong due = new AtomicLong();
        private long lastReading = started;
        private boolean known;
        private int failures;

        Agent(int number, int count) {
            node = new SimulatedNode(number, SimulatedCluster.namespaces(count), 5);
            address = URI.create("https://127.1." + number / 250 + "." + (number % 250 + 1) + ":" + port + "/ingest/v1/summaries");
            authorization = "Bearer " + SimulatedCluster.token(node.name);
        }

        void schedule(long millis) {
            due.set(System.nanoTime() + millis * 1_000_000);
            if (!timer.isShutdown()) {
                timer.schedule(this::push, millis, TimeUnit.MILLISECONDS);
            }
        }

        private void push() {
            long now = System.nanoTime();
            boolean complete = !known;
            byte[] body = node.next(complete, now - lastReading, now - started, node.number == 0 ? System.currentTimeMillis() : 0);
            lastReading = now;
            bytes.add(body.length);
            HttpRequest request = HttpRequest.newBuilder(address)
                    .header("Content-Type", "application/x-protobuf")
                    .header("Authorization", authorization)
                    .timeout(TIMEOUT)
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                    .build();
            clients.get(node.number % CLIENTS)
                    .sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
                    .whenComplete((response, problem) -> answered(complete, response, problem));
        }

        private void answered(boolean complete, HttpResponse<byte[]> response, Throwable problem) {
            try {
                if (problem == null && response.statusCode() == 200) {
                    SummaryProto.Ack ack = SummaryProto.Ack.parseFrom(response.body());
                    known = ack.getApplied() == node.sequence() && !ack.getCompleteWanted();
                    if (known) {
                        failures = 0;
                        acknowledged.increment();
                        completes.add(complete ? 1 : 0);
                        times.recordValue((System.nanoTime() - due.get()) / 1000);
                        schedule(complete ? AFTER_TOTALS_MILLIS : next(ack.getPauseMillis()));
                        return;
                    }
                }
                if (problem != null || response.statusCode() != 200) {
                    failed.increment();
                    if (complaints.getAndDecrement() > 0) {
                        System.err.println("scale bench: " + node.name + ": " + (problem != null ? problem : response.statusCode() + " " + new String(response.body())));
                    }
                }
            } catch (java.io.IOException e) {
                failed.increment();
            }
            known = false;
            long pause = FIRST_PAUSE_MILLIS << Math.min(failures++, 20);
            schedule(pause < INTERVAL_MILLIS ? (long) (pause * ThreadLocalRandom.current().nextDouble(0.5, 1)) : INTERVAL_MILLIS);
        }

        /** The next regular tick. */
        private long next(long pauseMillis) {
            return Math.max(pauseMillis, INTERVAL_MILLIS - (System.nanoTime() - due.get()) / 1_000_000);
        }
    }
}
