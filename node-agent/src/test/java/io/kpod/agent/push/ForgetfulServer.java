package io.kpod.agent.push;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.kpod.agent.ServerKey;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.ContainerIdentity;
import io.kpod.summary.wire.MalformedSummaryException;
import io.kpod.summary.wire.SampleVisitor;
import io.kpod.summary.wire.SummaryLimits;
import io.kpod.summary.wire.SummaryProto;
import io.kpod.summary.wire.SummaryReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * A TLS server that adds up what it is told, as plainly as the protocol in summary.proto can be read, and that fails in
 * every way on demand.
 */
final class ForgetfulServer implements AutoCloseable {
    /** What becomes of a summary. */
    enum Fate {
        TAKEN,
        TAKEN_BUT_THE_ANSWER_IS_LOST,
        LOST,
        REFUSED,
        FORGOTTEN_WITH_ALL_BEFORE
    }

    private final HttpsServer server;
    private final Supplier<Fate> fates;
    private final Map<Integer, ContainerIdentity> names = new HashMap<>();
    private final Map<String, long[]> totals = new HashMap<>();
    private final Set<Integer> ended = new HashSet<>();
    private final List<Integer> sizes = new ArrayList<>();
    private byte[] session = {};
    private long applied;

    ForgetfulServer(ServerKey key, Supplier<Fate> fates) throws Exception {
        this.fates = fates;
        server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(key.context()));
        server.createContext("/ingest/v1/summaries", this::take);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }

    String address() {
        return "https://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Total of a series, by pod, metric and label index: the flat form of a distribution, one long of a counter. */
    synchronized Map<String, long[]> totals() {
        Map<String, long[]> copy = new HashMap<>();
        totals.forEach((series, values) -> copy.put(series, values.clone()));
        return copy;
    }

    synchronized List<Integer> sizes() {
        return List.copyOf(sizes);
    }

    synchronized boolean ended(String pod) {
        return ended.stream().anyMatch(ref -> names.get(ref).pod().equals(pod));
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void take(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        Fate fate = fates.get();
        byte[] answer = {};
        synchronized (this) {
            switch (fate) {
                case LOST, REFUSED -> {}
                case FORGOTTEN_WITH_ALL_BEFORE -> {
                    session = new byte[0];
                    names.clear();
                    totals.clear();
                }
                case TAKEN, TAKEN_BUT_THE_ANSWER_IS_LOST -> {
                    sizes.add(body.length);
                    answer = apply(body).toByteArray();
                }
            }
        }
        switch (fate) {
            case TAKEN -> {
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
            }
            case REFUSED -> exchange.sendResponseHeaders(503, -1);
            case LOST, TAKEN_BUT_THE_ANSWER_IS_LOST, FORGOTTEN_WITH_ALL_BEFORE -> {}
        }
        exchange.close();
    }

    private SummaryProto.Ack apply(byte[] body) throws IOException {
        try {
            SummaryReader.Parsed parsed = SummaryReader.read(body, SummaryLimits.DEFAULT);
            boolean sameSession =
                    java.util.Arrays.equals(session, parsed.header().session());
            long sequence = parsed.header().sequence();
            if (parsed.header().complete()) {
                session = parsed.header().session();
            } else if (!sameSession || sequence > applied + 1) {
                return SummaryProto.Ack.newBuilder()
                        .setApplied(sameSession ? applied : 0)
                        .setCompleteWanted(true)
                        .build();
            } else if (sequence <= applied) {
                return SummaryProto.Ack.newBuilder().setApplied(applied).build();
            }
            for (SummaryReader.ContainerPart part : parsed.containers()) {
                if (part.identity() != null) {
                    names.put(part.ref(), part.identity());
                }
                if (part.ended()) {
                    ended.add(part.ref());
                }
                SummaryReader.samples(
                        body,
                        part.offset(),
                        part.length(),
                        SummaryLimits.DEFAULT,
                        new long[Histogram.WIDTH],
                        new Adder(names.get(part.ref()).pod(), parsed.header().complete()));
            }
            applied = sequence;
            return SummaryProto.Ack.newBuilder().setApplied(applied).build();
        } catch (MalformedSummaryException e) {
            throw new IOException(e);
        }
    }

    private final class Adder implements SampleVisitor {
        private final String pod;
        private final boolean replace;

        Adder(String pod, boolean replace) {
            this.pod = pod;
            this.replace = replace;
        }

        @Override
        public void counter(Metric metric, int label, long value) {
            add(metric, label, new long[] {value});
        }

        @Override
        public void gauge(Metric metric, int label, double value) {
            add(metric, label, new long[] {Double.doubleToRawLongBits(value)});
        }

        @Override
        public void distribution(Metric metric, int label, long[] flat) {
            add(metric, label, flat);
        }

        private void add(Metric metric, int label, long[] values) {
            long[] total =
                    totals.computeIfAbsent(pod + "/" + metric.name() + "/" + label, key -> new long[values.length]);
            for (int i = 0; i < values.length; i++) {
                total[i] = values[i] + (replace ? 0 : total[i]);
            }
        }
    }
}
