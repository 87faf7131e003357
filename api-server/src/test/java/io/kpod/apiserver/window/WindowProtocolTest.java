package io.kpod.apiserver.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.ingest.SummarySink.Outcome;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.assertj.core.data.Offset;

/**
 * Whatever is lost, repeated or restarted: totals are exact, increments are exact, no rate is negative or above what
 * really happened.
 */
class WindowProtocolTest {
    private static final Duration RETENTION = Duration.ofMinutes(30);
    private static final long MOST_PER_SECOND = 1000;

    /** The cpu family has its own work. */
    private static final List<Metric> OTHERS = Catalogue.METRICS.stream()
            .filter(metric -> !metric.collector().equals("cpu"))
            .toList();

    enum Step {
        DELIVERED,
        REQUEST_LOST,
        ANSWER_LOST,
        SENT_TWICE,
        AGENT_RESTARTS,
        SERVER_RESTARTS,
        BIRTH,
        DEATH,
        SLEEP,
        POLL
    }

    @Provide
    Arbitrary<List<Step>> stories() {
        return Arbitraries.frequency(
                        Tuple.of(12, Step.DELIVERED),
                        Tuple.of(3, Step.REQUEST_LOST),
                        Tuple.of(3, Step.ANSWER_LOST),
                        Tuple.of(2, Step.SENT_TWICE),
                        Tuple.of(1, Step.AGENT_RESTARTS),
                        Tuple.of(1, Step.SERVER_RESTARTS),
                        Tuple.of(2, Step.BIRTH),
                        Tuple.of(2, Step.DEATH),
                        Tuple.of(1, Step.SLEEP),
                        Tuple.of(4, Step.POLL))
                .list()
                .ofMinSize(5)
                .ofMaxSize(80);
    }

    @Property(tries = 300)
    void countsAreExactWhateverHappensOnTheWay(@ForAll("stories") List<Step> story, @ForAll long seed) {
        new Play(seed).act(story);
    }

    /** One agent, one server, one story. */
    private static final class Play {
        private final Random random;
        private final ManualClock clock = new ManualClock();
        private final List<TestAgent.Container> alive = new ArrayList<>();
        private final Map<TestAgent.Container, Map<String, Long>> preempted = new HashMap<>();
        private WindowStore store = fresh();
        private TestAgent agent = new TestAgent("n1");
        private int born;
        private long lastReadingNanos = clock.getAsLong();

        Play(long seed) {
            random = new Random(seed);
        }

        void act(List<Step> story) {
            birth();
            for (Step step : story) {
                work();
                step(step);
                check();
            }
            work();
            take(1);
            work();
            take(1);
            checkExactly();
        }

        private WindowStore fresh() {
            return new WindowStore(WindowSettings.retaining(RETENTION), Admission.EVERYTHING, clock);
        }

        private void step(Step step) {
            switch (step) {
                case DELIVERED -> take(1);
                case SENT_TWICE -> take(2);
                case REQUEST_LOST -> agent.next(sinceLastReading());
                case ANSWER_LOST -> store.accept("n1", agent.next(sinceLastReading()));
                case AGENT_RESTARTS -> {
                    agent = new TestAgent("n1");
                    lastReadingNanos = clock.getAsLong();
                    alive.clear();
                    birth();
                }
                case SERVER_RESTARTS -> store = fresh();
                case BIRTH -> birth();
                case DEATH -> {
                    if (alive.size() > 1) {
                        alive.removeLast().end();
                    }
                }
                case POLL -> agent.poll(Duration.ofNanos(clock.getAsLong() - lastReadingNanos));
                case SLEEP -> clock.advance(Duration.ofSeconds(random.nextInt(120)));
            }
        }

        private Duration sinceLastReading() {
            Duration interval = Duration.ofNanos(clock.getAsLong() - lastReadingNanos);
            lastReadingNanos = clock.getAsLong();
            return interval;
        }

        private void birth() {
            alive.add(agent.start("shop", "pod-" + born, "uid-" + born, "app"));
            born++;
        }

        /** Five seconds of work. */
        private void work() {
            clock.advance(Duration.ofSeconds(5));
            for (TestAgent.Container container : alive) {
                int events = random.nextInt((int) MOST_PER_SECOND * 5);
                long[] waits =
                        random.longs(random.nextInt(5), 1, 5_000_000_000L).toArray();
                container.count(events, random.nextInt(3), random.nextInt(3), random.nextInt(3), waits);
                work(container);
                preempt(container);
            }
        }

        /** Some series of any metric, of labels that come and come not, and gauges that come and go. */
        private void work(TestAgent.Container container) {
            for (int i = random.nextInt(8); i > 0; i--) {
                Metric metric = OTHERS.get(random.nextInt(OTHERS.size()));
                String label = metric.labels().stream()
                        .map(name -> name + random.nextInt(4))
                        .collect(Collectors.joining(Metric.LABEL_SEPARATOR));
                switch (metric.type()) {
                    case COUNTER -> container.add(metric, label, random.nextInt((int) MOST_PER_SECOND));
                    case GAUGE ->
                        container.gauge(metric, label, random.nextInt(4) == 0 ? Double.NaN : random.nextInt(10));
                    case DISTRIBUTION -> container.record(metric, label, random.nextLong(1, 5_000_000_000L));
                }
            }
        }

        /** Of many that take the CPU a few are told of at a time. */
        private void preempt(TestAgent.Container container) {
            for (int i = random.nextInt(3); i > 0; i--) {
                String who =
                        "shop" + Metric.LABEL_SEPARATOR + "pod-" + random.nextInt(12) + Metric.LABEL_SEPARATOR + "app";
                int times = random.nextInt(1, 50);
                container.add(Catalogue.CPU_PREEMPTORS, who, times);
                preempted.computeIfAbsent(container, one -> new HashMap<>()).merge(who, (long) times, Long::sum);
            }
            if (random.nextInt(3) == 0) {
                container.counters().keySet().stream()
                        .filter(key -> key.metric() == Catalogue.CPU_PREEMPTORS)
                        .findAny()
                        .ifPresent(key -> container.forget(key.metric(), key.label()));
            }
        }

        private void take(int times) {
            byte[] body = agent.next(sinceLastReading());
            Outcome outcome = store.accept("n1", body);
            for (int i = 1; i < times; i++) {
                assertThat(store.accept("n1", body)).as("a repeat").isEqualTo(outcome);
            }
            agent.answered(outcome);
            if (outcome instanceof Outcome.Acknowledged(long applied, boolean completeWanted, int pauseMillis)
                    && completeWanted) {
                Outcome complete = agent.push(store, sinceLastReading());
                assertThat(complete)
                        .isInstanceOfSatisfying(
                                Outcome.Acknowledged.class,
                                ack -> assertThat(ack.completeWanted()).isFalse());
            }
        }

        private void check() {
            for (SpokenPod pod : store.pods()) {
                PodWindow window = window(pod, Duration.ofSeconds(60));
                window.total()
                        .rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL)
                        .ifPresent(rate -> assertThat(rate).isBetween(0.0, (double) MOST_PER_SECOND));
                for (Metric metric : Catalogue.METRICS) {
                    // at most eight series are added to in five seconds
                    window.total()
                            .rate(metric, LabelFilter.ALL)
                            .ifPresent(rate -> assertThat(rate).isBetween(0.0, 8.0 * MOST_PER_SECOND));
                }
                window.total()
                        .histogram(Catalogue.CPU_RUNQUEUE_LATENCY, LabelFilter.ALL)
                        .ifPresent(histogram -> {
                            for (long value : histogram.toFlat()) {
                                assertThat(value).isNotNegative();
                            }
                        });
            }
        }

        private void checkExactly() {
            for (TestAgent.Container container : alive) {
                SpokenPod pod = new SpokenPod(
                        "n1", new PodName("shop", container.identity.pod()), container.identity.podUid(), 0);
                ContainerWindow total = window(pod, RETENTION).total();
                checkPreemptors(container, total);
                Map<TestAgent.Key, Long> counters = new HashMap<>();
                Map<TestAgent.Key, Double> gauges = new HashMap<>();
                Set<TestAgent.Key> distributions = new HashSet<>();
                for (Metric metric : Catalogue.METRICS) {
                    for (String label : total.labels(metric)) {
                        TestAgent.Key key = new TestAgent.Key(metric, label);
                        LabelFilter only = LabelFilter.only(label);
                        switch (metric.type()) {
                            case COUNTER ->
                                counters.put(key, total.total(metric, only).orElseThrow());
                            case GAUGE ->
                                gauges.put(key, total.gauge(metric, only).orElseThrow());
                            case DISTRIBUTION -> distributions.add(key);
                        }
                    }
                }
                Map<TestAgent.Key, Long> truth = new HashMap<>();
                container.counters.keySet().stream()
                        .filter(key -> key.metric() != Catalogue.CPU_PREEMPTORS)
                        .forEach(key -> truth.put(key, container.told(key, agent.polls())));
                // what has not done anything yet may be unsaid or 0
                counters.values().removeIf(value -> value == 0);
                truth.values().removeIf(value -> value == 0);
                assertThat(counters).isEqualTo(truth);
                assertThat(gauges).isEqualTo(container.gauges);
                assertThat(distributions).isEqualTo(container.distributions.keySet());
            }
        }

        /** What is forgotten on the way may be missing; nothing is told that did not happen. */
        private void checkPreemptors(TestAgent.Container container, ContainerWindow total) {
            Map<String, Long> truth = preempted.getOrDefault(container, Map.of());
            for (String who : total.labels(Catalogue.CPU_PREEMPTORS)) {
                assertThat(total.increase(Catalogue.CPU_PREEMPTORS, LabelFilter.only(who))
                                .orElse(0))
                        .isBetween(0L, truth.get(who));
            }
        }

        private PodWindow window(SpokenPod pod, Duration length) {
            return store.pod("n1", pod.name(), pod.uid(), length, metric -> true)
                    .orElseGet(() -> new PodWindow(
                            Duration.ZERO,
                            new ContainerWindow("", 0, Duration.ZERO, Duration.ZERO, Map.of()),
                            List.of()));
        }
    }

    @Property(tries = 100)
    void theWindowHoldsExactlyWhatHappenedSinceTheFirstSummary(@ForAll long seed) {
        Random random = new Random(seed);
        ManualClock clock = new ManualClock();
        WindowStore store = new WindowStore(WindowSettings.retaining(RETENTION), Admission.EVERYTHING, clock);
        TestAgent agent = new TestAgent("n1");
        TestAgent.Container old =
                agent.start("shop", "old", "u1", "app").count(random.nextInt(100_000), 1, 2, 3, 5_000, 70_000);
        agent.push(store, Duration.ofSeconds(5));
        long before = old.switches();
        Histogram latency = new Histogram();
        TestAgent.Container young = agent.start("shop", "young", "u2", "app");
        for (int i = 0; i < 120; i++) {
            clock.advance(Duration.ofSeconds(5));
            long[] waits = random.longs(random.nextInt(4), 1, 3_000_000_000L).toArray();
            old.count(random.nextInt(5000), 0, 0, 1, waits);
            young.count(random.nextInt(50), 0, 0, 1);
            Arrays.stream(waits).forEach(latency::record);
            switch (random.nextInt(4)) {
                case 0 -> agent.next(Duration.ofSeconds(5));
                case 1 -> store.accept("n1", agent.next(Duration.ofSeconds(5)));
                default -> agent.push(store, Duration.ofSeconds(5));
            }
        }
        clock.advance(Duration.ofSeconds(5));
        agent.push(store, Duration.ofSeconds(5));
        ContainerWindow all = store.pod("n1", new PodName("shop", "old"), "u1", RETENTION, metric -> true)
                .orElseThrow()
                .total();
        assertThat(all.histogram(Catalogue.CPU_RUNQUEUE_LATENCY, LabelFilter.ALL))
                .contains(latency);
        assertThat(all.rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL).orElseThrow()
                        * all.covered().toNanos()
                        / 1e9)
                .isCloseTo(old.switches() - before, Offset.offset(1e-3));
        assertThat(all.covered()).isEqualTo(Duration.ofSeconds(605));
        ContainerWindow born = store.pod("n1", new PodName("shop", "young"), "u2", RETENTION, metric -> true)
                .orElseThrow()
                .total();
        assertThat(born.rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL).orElseThrow()
                        * born.covered().toNanos()
                        / 1e9)
                .isCloseTo(young.switches(), Offset.offset(1e-3));
    }
}
