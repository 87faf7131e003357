package io.kpod.apiserver.window;

import io.kpod.apiserver.ingest.SummarySink;
import io.kpod.apiserver.ingest.SummarySink.Outcome;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.Unit;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.CollectorReport;
import io.kpod.summary.wire.ContainerIdentity;
import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An agent as the protocol wants it, with the truth of what it counted. Talks to one replica. */
public final class TestAgent {
    /** One series. */
    public record Key(Metric metric, String label) {}

    /** What one container has done, in truth. */
    public static final class Container {
        final int ref;
        final ContainerIdentity identity;
        final Map<Key, Long> counters = new LinkedHashMap<>();
        final Map<Key, Double> gauges = new LinkedHashMap<>();
        final Map<Key, Histogram> distributions = new LinkedHashMap<>();
        final Histogram latency = new Histogram();
        boolean ended;
        /** Counters of polled metrics as of the last poll. */
        final Map<Key, Long> polled = new HashMap<>();

        private final Map<Key, Long> saidCounters = new HashMap<>();
        private final Map<Key, Double> saidGauges = new HashMap<>();
        private final Map<Key, long[]> saidDistributions = new HashMap<>();
        private boolean mentioned;
        private long endSequence;

        Container(int ref, ContainerIdentity identity) {
            this.ref = ref;
            this.identity = identity;
            distributions.put(new Key(Catalogue.CPU_RUNQUEUE_LATENCY, ""), latency);
            count(0, 0, 0, 0);
        }

        /** Counts context switches, preemptions by who took the CPU, and waits. */
        public Container count(long switches, long self, long container, long host, long... waitsNanos) {
            add(Catalogue.CPU_CONTEXT_SWITCHES, "", switches);
            add(Catalogue.CPU_PREEMPTIONS, "self", self);
            add(Catalogue.CPU_PREEMPTIONS, "container", container);
            add(Catalogue.CPU_PREEMPTIONS, "host", host);
            Arrays.stream(waitsNanos).forEach(latency::record);
            return this;
        }

        /** Counts anything; nanoseconds of a counter in seconds. */
        public Container add(Metric counter, String label, long count) {
            counters.merge(new Key(counter, label), count, Long::sum);
            return this;
        }

        /** Counts durations. */
        public Container record(Metric distribution, String label, long... nanos) {
            Histogram histogram = distributions.computeIfAbsent(new Key(distribution, label), key -> new Histogram());
            Arrays.stream(nanos).forEach(histogram::record);
            return this;
        }

        /** An agent forgets who was outdone by others: its counts are in no total any more. */
        public Container forget(Metric counter, String label) {
            counters.remove(new Key(counter, label));
            saidCounters.remove(new Key(counter, label));
            return this;
        }

        /** Sets a gauge; NaN: there is none any more. */
        public Container gauge(Metric gauge, String label, double value) {
            if (Double.isNaN(value)) {
                gauges.remove(new Key(gauge, label));
            } else {
                gauges.put(new Key(gauge, label), value);
            }
            return this;
        }

        /**
         * Every signal of the catalogue does something that tells it from the others: a counter rises by five times its
         * wire number (milliseconds of one in seconds), a gauge is its wire number in MiB, a distribution gets as many
         * milliseconds as its wire number is.
         *
         * @param labels by which it is counted: of a label's name its value
         */
        public Container everySignal(Function<String, String> labels, Predicate<Metric> chosen) {
            Catalogue.METRICS.stream().filter(chosen).forEach(metric -> {
                String label = metric.labels().stream().map(labels).collect(Collectors.joining(Metric.LABEL_SEPARATOR));
                int number = metric.wireNumber();
                switch (metric.type()) {
                    case COUNTER -> add(metric, label, 5L * number * (metric.unit() == Unit.SECONDS ? 1_000_000 : 1));
                    case GAUGE -> gauge(metric, label, (double) number * (1 << 20));
                    case DISTRIBUTION -> {
                        for (int i = 0; i < number; i++) {
                            record(metric, label, 1_000_000);
                        }
                    }
                }
            });
            return this;
        }

        /** All that it counts; may be changed. */
        public Map<Key, Long> counters() {
            return counters;
        }

        /** Context switches so far. */
        long switches() {
            return counters.getOrDefault(new Key(Catalogue.CPU_CONTEXT_SWITCHES, ""), 0L);
        }

        /** What a summary says of a counter now. */
        long told(Key key, boolean agentPolls) {
            return agentPolls && key.metric().polled() ? polled.getOrDefault(key, 0L) : counters.getOrDefault(key, 0L);
        }

        /** The container is gone. */
        public void end() {
            ended = true;
        }
    }

    private static int sessions;

    private final String node;
    private final byte[] session = new byte[SummaryHeader.SESSION_BYTES];
    private final Map<Integer, Container> containers = new TreeMap<>();
    private final List<String> strings = new ArrayList<>(Catalogue.CPU_PREEMPTIONS.labelValues());
    private List<CollectorReport> collectors = List.of(new CollectorReport("cpu", true, "tp_btf"));
    private long overflowed;
    private int nextRef = 1;
    private long sequence;
    private long elapsedNanos;
    private long polledNanos;
    private int stringsSaid;
    private long acknowledged;
    private long highestAcknowledged;

    /** @param node its node */
    public TestAgent(String node) {
        this.node = node;
        ByteBuffer.wrap(session).putInt(++sessions);
    }

    /** A container is born. */
    public Container start(String namespace, String pod, String uid, String container) {
        int ref = nextRef++;
        Container born = new Container(
                ref,
                new ContainerIdentity(
                        namespace, pod, uid, container, "id-" + sessions + "-" + ref, 1_764_000_000_000L + ref));
        containers.put(ref, born);
        return born;
    }

    /** A pod's own series begin: those that no container has for itself alone. */
    public Container startPod(String namespace, String pod, String uid) {
        return start(namespace, pod, uid, "");
    }

    /** The series of what no container of the node shows begin. */
    public Container startRestOfNode() {
        return start("", "", "", "");
    }

    /**
     * Reads the slow sources. An agent that never does is one that doesn't tell, and polled counters are as good as
     * others.
     *
     * @param sinceSummary how long after the last summary
     */
    public void poll(Duration sinceSummary) {
        polledNanos = elapsedNanos + sinceSummary.toNanos();
        containers.values().forEach(container -> container.polled.putAll(container.counters));
    }

    /** Whether it tells when it reads the slow sources. */
    boolean polls() {
        return polledNanos != 0;
    }

    /** What the collectors say from now on. */
    public TestAgent collectors(CollectorReport... reports) {
        collectors = List.of(reports);
        return this;
    }

    /** Containers without a slot from now on. */
    public TestAgent overflowed(long containers) {
        overflowed = containers;
        return this;
    }

    /** The next summary: increments if the last one was acknowledged, else totals. */
    public byte[] next(Duration interval) {
        sequence++;
        elapsedNanos += interval.toNanos();
        boolean complete = sequence == 1 || acknowledged != sequence - 1;
        SummaryWriter writer = new SummaryWriter();
        writer.begin(new SummaryHeader(
                node,
                session,
                sequence,
                complete,
                interval.toNanos(),
                1_764_000_000_000L,
                1_764_000_000_000L,
                overflowed,
                elapsedNanos,
                polledNanos));
        containers.values().forEach(this::nameLabels);
        strings.subList(complete ? 0 : stringsSaid, strings.size()).forEach(writer::string);
        stringsSaid = strings.size();
        if (complete) {
            collectors.forEach(writer::collector);
        }
        for (Container container : new ArrayList<>(containers.values())) {
            boolean endKnown = container.endSequence != 0 && container.endSequence <= highestAcknowledged;
            if (complete ? !endKnown : container.endSequence == 0) {
                boolean identify = complete || !container.mentioned;
                writer.beginContainer(container.ref, identify ? container.identity : null, container.ended);
                write(writer, container, complete || !container.mentioned, complete);
                writer.endContainer();
            }
            container.counters.keySet().forEach(key -> container.saidCounters.put(key, container.told(key, polls())));
            container.distributions.forEach((key, now) -> container.saidDistributions.put(key, now.toFlat()));
            container.saidGauges.clear();
            container.saidGauges.putAll(container.gauges);
            container.mentioned = true;
            if (container.ended && container.endSequence == 0) {
                container.endSequence = sequence;
            }
            if (endKnown) {
                containers.remove(container.ref);
            }
        }
        return writer.finish();
    }

    /** The answer to the last summary arrived. */
    public void answered(Outcome outcome) {
        if (outcome instanceof Outcome.Acknowledged(long applied, boolean completeWanted, int pauseMillis)) {
            acknowledged = completeWanted ? 0 : applied;
            highestAcknowledged = Math.max(highestAcknowledged, acknowledged);
        }
    }

    /** Sends the next summary and takes the answer. */
    public Outcome push(SummarySink store, Duration interval) {
        Outcome outcome = store.accept(node, next(interval));
        answered(outcome);
        return outcome;
    }

    private void nameLabels(Container container) {
        Stream.of(container.counters.keySet(), container.gauges.keySet(), container.distributions.keySet())
                .flatMap(Set::stream)
                .map(Key::label)
                .filter(label -> !label.isEmpty() && !strings.contains(label))
                .distinct()
                .forEach(strings::add);
    }

    /** As agents do, increments of zero and gauges that stay as they are go unsaid, but for those of the cpu family. */
    private void write(SummaryWriter writer, Container container, boolean totals, boolean complete) {
        List<Integer> labels = new ArrayList<>();
        List<Long> increments = new ArrayList<>();
        container.counters.keySet().forEach(key -> {
            long now = container.told(key, polls());
            long increment = now - (totals ? 0 : container.saidCounters.getOrDefault(key, 0L));
            if (key.metric() == Catalogue.CPU_PREEMPTORS) {
                if (increment != 0) {
                    labels.add(index(key));
                    increments.add(increment);
                }
            } else if (complete || increment != 0 || key.metric().collector().equals("cpu")) {
                writer.counter(key.metric(), index(key), increment);
            }
        });
        writer.counters(
                Catalogue.CPU_PREEMPTORS,
                labels.stream().mapToInt(Integer::intValue).toArray(),
                increments.stream().mapToLong(Long::longValue).toArray(),
                labels.size());
        container.gauges.forEach((key, value) -> {
            if (complete || !value.equals(container.saidGauges.get(key))) {
                writer.gauge(key.metric(), index(key), value);
            }
        });
        if (!complete) {
            container.saidGauges.keySet().stream()
                    .filter(key -> !container.gauges.containsKey(key))
                    .forEach(key -> writer.gauge(key.metric(), index(key), Double.NaN));
        }
        container.distributions.forEach((key, histogram) -> writer.distribution(
                key.metric(),
                index(key),
                histogram.toFlat(),
                0,
                totals ? null : container.saidDistributions.getOrDefault(key, new long[Histogram.WIDTH]),
                0));
    }

    private int index(Key key) {
        return key.label().isEmpty() ? 0 : strings.indexOf(key.label()) + 1;
    }
}
