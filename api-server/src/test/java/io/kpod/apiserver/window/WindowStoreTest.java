package io.kpod.apiserver.window;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.kpod.apiserver.ingest.SummarySink.Outcome;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Catalogue;
import io.kpod.summary.wire.SummaryLimits;
import io.kpod.summary.wire.SummaryProto;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WindowStoreTest {
    private static final Duration PUSH = Duration.ofSeconds(5);
    private static final Duration MINUTE = Duration.ofSeconds(60);
    private static final PodName POD = new PodName("shop", "checkout");

    private final ManualClock clock = new ManualClock();
    private final WindowStore store =
            new WindowStore(WindowSettings.retaining(Duration.ofMinutes(5)), Admission.EVERYTHING, clock);
    private final TestAgent agent = new TestAgent("n1");

    private Outcome push() {
        clock.advance(PUSH);
        return agent.push(store, PUSH);
    }

    private ContainerWindow total(Duration window) {
        return store.pod("n1", POD, "u1", window, metric -> true).orElseThrow().total();
    }

    @Test
    void theFirstSummaryGivesTotalsButNoRate() {
        agent.start("shop", "checkout", "u1", "app").count(1_000_000, 1, 2, 3, 1000);
        assertThat(push()).isEqualTo(new Outcome.Acknowledged(1, false, 0));
        assertThat(total(MINUTE).total(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(1_000_000);
        assertThat(total(MINUTE).rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .isEmpty();
        assertThat(total(MINUTE).histogram(Catalogue.CPU_RUNQUEUE_LATENCY, LabelFilter.ALL))
                .isEmpty();
    }

    @Test
    void ratesDivideByTheTimeThatIsCovered() {
        TestAgent.Container app = agent.start("shop", "checkout", "u1", "app");
        push();
        app.count(500, 0, 0, 0);
        push();
        assertThat(total(MINUTE).rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(100);
        assertThat(total(MINUTE).covered()).isEqualTo(PUSH);
        push();
        assertThat(total(MINUTE).rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(50);
        assertThat(total(PUSH).rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(0);
    }

    @Test
    void aSlowPaceHasAWindowToo() {
        Duration minute = Duration.ofMinutes(1);
        TestAgent.Container app = agent.start("shop", "checkout", "u1", "app");
        push();
        app.count(600, 0, 0, 0);
        clock.advance(minute);
        agent.push(store, minute);
        assertThat(total(minute).rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(10);
    }

    @Test
    void aContainerBornBetweenTwoPushesIsCountedFromItsBirth() {
        agent.start("shop", "other", "u0", "app");
        push();
        agent.start("shop", "checkout", "u1", "app")
                .count(40, 0, 0, 0, 2_000_000)
                .end();
        push();
        assertThat(total(MINUTE).total(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(40);
        assertThat(total(MINUTE)
                        .histogram(Catalogue.CPU_RUNQUEUE_LATENCY, LabelFilter.ALL)
                        .orElseThrow()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void summariesThatAreTakenLateCountOverTheTimeBetweenTheirReadings() {
        TestAgent.Container app = agent.start("shop", "checkout", "u1", "app");
        push();
        app.count(500, 0, 0, 0);
        push();
        // the server stands still for 30 s: one summary waits at its door, four more get lost, the next one has totals
        app.count(500, 0, 0, 0);
        byte[] waiting = agent.next(PUSH);
        for (int i = 0; i < 4; i++) {
            app.count(500, 0, 0, 0);
            agent.next(PUSH);
        }
        app.count(500, 0, 0, 0);
        byte[] totals = agent.next(PUSH);
        clock.advance(Duration.ofSeconds(30));
        store.accept("n1", waiting);
        assertThat(store.accept("n1", totals)).isEqualTo(new Outcome.Acknowledged(8, false, 0));

        assertThat(total(MINUTE).total(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(3500);
        assertThat(total(MINUTE).rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(100);
    }

    @Test
    void theWindowForgetsWhatIsOlder() {
        TestAgent.Container app = agent.start("shop", "checkout", "u1", "app");
        push();
        app.count(600, 0, 0, 0);
        push();
        for (int i = 0; i < 11; i++) {
            push();
        }
        assertThat(total(MINUTE).rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(10);
        push();
        assertThat(total(MINUTE).rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(0);
        assertThat(total(MINUTE).covered()).isEqualTo(MINUTE);
    }

    @Test
    void olderSlotsAreMergedWithoutLosingACount() {
        TestAgent.Container app = agent.start("shop", "checkout", "u1", "app");
        TestAgent.Container gone = agent.start("shop", "checkout", "u1", "sidecar");
        push();
        for (int i = 0; i < 59; i++) {
            app.count(10, 1, 2, 3, 1_000_000L * (i + 1));
            if (i == 3) {
                gone.count(7, 0, 0, 0).end();
            }
            push();
        }
        ContainerWindow all = total(Duration.ofMinutes(5));
        assertThat(all.covered()).isEqualTo(PUSH.multipliedBy(59));
        assertThat(all.rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL).orElseThrow() * 295)
                .isCloseTo(597, Offset.offset(1e-6));
        assertThat(all.histogram(Catalogue.CPU_RUNQUEUE_LATENCY, LabelFilter.ALL))
                .contains(app.latency);
        assertThat(all.rate(Catalogue.CPU_PREEMPTIONS, (metric, label) -> label.equals("host"))
                                .orElseThrow()
                        * 295)
                .isCloseTo(177, Offset.offset(1e-6));
    }

    /** Each push counts its own number, so that the sum tells which pushes a window is made of. */
    @Test
    void aMinuteIsMadeOfTwelvePushesAndLongerWindowsOfThemAndOfWholeHalfMinutes() {
        TestAgent.Container app = agent.start("shop", "checkout", "u1", "app");
        push();
        for (int last = 1; last <= 70; last++) {
            app.count(last, 0, 0, 0, 1_000L * last);
            push();
            int pushes = Math.min(last, 12);
            ContainerWindow minute = total(Duration.ofMinutes(1));
            assertThat(minute.covered()).isEqualTo(PUSH.multipliedBy(pushes));
            assertThat(minute.increase(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                    .hasValue(pushes * (2L * last - pushes + 1) / 2);
            assertThat(total(Duration.ofSeconds(15)).increase(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                    .hasValue(last < 3 ? last * (last + 1L) / 2 : 3L * last - 3);
            for (int seconds : new int[] {120, 200, 280}) {
                ContainerWindow longer = total(Duration.ofSeconds(seconds));
                long made = longer.covered().dividedBy(PUSH);
                assertThat(made).isBetween(Math.min(last, seconds / 5L - 3), seconds / 5L + 3);
                assertThat(longer.increase(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                        .hasValue(made * (2 * last - made + 1) / 2);
                assertThat(longer.histogram(Catalogue.CPU_RUNQUEUE_LATENCY, LabelFilter.ALL)
                                .orElseThrow()
                                .sumNanos())
                        .isEqualTo(1_000 * made * (2 * last - made + 1) / 2);
            }
        }
    }

    @Test
    void aRestartedContainerCountsAnewUnderItsNameAndItsPodsWindowHoldsBoth() {
        TestAgent.Container first = agent.start("shop", "checkout", "u1", "app");
        push();
        first.count(100, 0, 0, 0).end();
        push();
        agent.start("shop", "checkout", "u1", "app").count(50, 0, 0, 0);
        push();
        PodWindow pod = store.pod("n1", POD, "u1", MINUTE, metric -> true).orElseThrow();
        assertThat(pod.containers()).hasSize(1);
        assertThat(pod.containers().getFirst().total(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(50);
        assertThat(pod.total().rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(15);
    }

    @Test
    void anEndedContainerStaysAsLongAsTheWindowReachesItAndNoLonger() {
        agent.start("shop", "other", "u0", "app");
        TestAgent.Container app = agent.start("shop", "checkout", "u1", "app");
        push();
        app.count(100, 0, 0, 0).end();
        push();
        assertThat(store.pod("n1", POD, "u1", MINUTE, metric -> true)).isPresent();
        for (int i = 0; i < 13; i++) {
            push();
        }
        assertThat(store.pod("n1", POD, "u1", MINUTE, metric -> true)).isEmpty();
        assertThat(store.pod("n1", POD, "u1", Duration.ofMinutes(5), metric -> true))
                .isPresent();
        for (int i = 0; i < 60; i++) {
            push();
        }
        assertThat(store.pods()).extracting(SpokenPod::name).containsExactly(new PodName("shop", "other"));
    }

    @Test
    void aNewSessionIsNoSpikeAndNoNegativeRate() {
        TestAgent.Container app = agent.start("shop", "checkout", "u1", "app").count(1_000_000, 0, 0, 0);
        push();
        app.count(50, 0, 0, 0);
        push();
        TestAgent restarted = new TestAgent("n1");
        TestAgent.Container again =
                restarted.start("shop", "checkout", "u1", "app").count(3, 0, 0, 0);
        clock.advance(PUSH);
        restarted.push(store, PUSH);
        assertThat(total(MINUTE).total(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(3);
        assertThat(total(MINUTE).rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(10);
        again.count(50, 0, 0, 0);
        clock.advance(PUSH);
        restarted.push(store, PUSH);
        assertThat(total(MINUTE).rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(10);
    }

    @Test
    void aMinuteWithoutTheServerIsOneExactSlot() {
        TestAgent.Container app = agent.start("shop", "checkout", "u1", "app");
        push();
        push();
        for (int i = 0; i < 12; i++) {
            app.count(100, 0, 0, 0);
            clock.advance(PUSH);
            agent.next(PUSH);
        }
        app.count(100, 0, 0, 0);
        push();
        assertThat(total(MINUTE).total(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(1300);
        assertThat(total(MINUTE).rate(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(20);
    }

    @Test
    void incrementsOfAnUnknownSessionAskForTotalsAndStoreNothing() {
        agent.start("shop", "checkout", "u1", "app").count(10, 0, 0, 0);
        WindowStore other =
                new WindowStore(WindowSettings.retaining(Duration.ofMinutes(5)), Admission.EVERYTHING, clock);
        push();
        byte[] second = agent.next(PUSH);
        assertThat(other.accept("n1", second)).isEqualTo(new Outcome.Acknowledged(0, true, 0));
        assertThat(other.pods()).isEmpty();
        assertThat(other.node("n1")).isEmpty();
    }

    @Test
    void aPodOfTheSameNameWithAnotherUidIsAnotherPod() {
        agent.start("shop", "checkout", "u1", "app").count(10, 0, 0, 0);
        push();
        assertThat(store.pod("n1", POD, "u2", MINUTE, metric -> true)).isEmpty();
        assertThat(store.pod("n2", POD, "u1", MINUTE, metric -> true)).isEmpty();
        assertThat(store.pod("n1", POD, "u1", MINUTE, metric -> true)).isPresent();
    }

    @Test
    void aSilentNodeIsStaleAfterTwentySeconds() {
        agent.start("shop", "checkout", "u1", "app");
        push();
        push();
        clock.advance(Duration.ofSeconds(20));
        assertThat(store.node("n1").orElseThrow().stale()).isFalse();
        clock.advance(Duration.ofSeconds(1));
        assertThat(store.node("n1").orElseThrow().stale()).isTrue();
        assertThat(store.node("n1").orElseThrow().age()).isEqualTo(Duration.ofSeconds(21));
        assertThat(store.freshNodes()).isZero();
    }

    @Test
    void whatASummarySaysOfOtherNodesIsRefused() {
        agent.start("shop", "checkout", "u1", "app");
        assertThat(store.accept("n2", agent.next(PUSH))).isEqualTo(new Outcome.NodeMismatch("n1", "n2"));
        assertThat(store.pods()).isEmpty();
    }

    @Test
    void nothingOfASummaryIsStoredIfOnePodOfItIsRefused() {
        WindowStore guarded = new WindowStore(
                WindowSettings.retaining(Duration.ofMinutes(5)),
                (node, identity, ended) -> identity.pod().equals("foreign")
                        ? Optional.of("node n1 speaks for pod shop/foreign, which is on node n2")
                        : Optional.empty(),
                clock);
        agent.start("shop", "checkout", "u1", "app");
        agent.start("shop", "foreign", "u2", "app");
        assertThat(guarded.accept("n1", agent.next(PUSH)))
                .isEqualTo(new Outcome.Refused("node n1 speaks for pod shop/foreign, which is on node n2"));
        assertThat(guarded.pods()).isEmpty();
        assertThat(guarded.node("n1")).isEmpty();
        assertThat(guarded.revision()).isZero();
    }

    @Test
    void aNodeCannotHaveAnyNumberOfContainers() {
        WindowSettings defaults = WindowSettings.retaining(Duration.ofMinutes(5));
        WindowStore small = new WindowStore(
                new WindowSettings(
                        defaults.retention(),
                        defaults.fine(),
                        defaults.coarse(),
                        new SummaryLimits(10, 10, 20, 10, 10),
                        5,
                        defaults.maxSeriesPerNode(),
                        defaults.maxBytesPerNode(),
                        defaults.maxBytes()),
                Admission.EVERYTHING,
                clock);
        for (int i = 0; i < 5; i++) {
            agent.start("shop", "p" + i, "u" + i, "app");
        }
        assertThat(agent.push(small, PUSH)).isEqualTo(new Outcome.Acknowledged(1, false, 0));
        TestAgent.Container sixth = agent.start("shop", "p5", "u5", "app");
        assertThat(agent.push(small, PUSH))
                .isEqualTo(new Outcome.Refused("node n1 has 6 containers; at most 5 are kept"));
        assertThat(small.pods()).hasSize(5);
        sixth.end();
        for (int i = 0; i < 6; i++) {
            agent.start("shop", "q" + i, "v" + i, "app");
        }
        assertThat(agent.push(small, PUSH)).isEqualTo(new Outcome.Malformed("more than 10 containers"));
        assertThat(new TestAgent("n1").push(small, PUSH)).isInstanceOf(Outcome.Acknowledged.class);
        TestAgent longName = new TestAgent("n1");
        longName.start("shop", "a-name-of-more-than-twenty-letters", "u", "app");
        assertThat(longName.push(small, PUSH))
                .isInstanceOfSatisfying(
                        Outcome.Malformed.class, m -> assertThat(m.reason()).contains("pod of 34 chars"));
    }

    @Test
    void aNodeThatKeepsTooMuchLosesItsOldestSlots() {
        WindowSettings defaults = WindowSettings.retaining(Duration.ofMinutes(5));
        WindowStore tight = new WindowStore(
                new WindowSettings(
                        defaults.retention(),
                        defaults.fine(),
                        defaults.coarse(),
                        defaults.limits(),
                        100,
                        1000,
                        300,
                        1500),
                Admission.EVERYTHING,
                clock);
        TestAgent.Container app = agent.start("shop", "checkout", "u1", "app");
        Outcome last = new Outcome.Malformed("");
        for (int i = 0; i < 50; i++) {
            clock.advance(PUSH);
            app.count(1, 1, 1, 1, 1_000_000);
            last = agent.push(tight, PUSH);
        }
        // five series and a place for the container: no less than 20 bytes a push, no more than 60
        assertThat(tight.bytes()).isBetween(240L, 300L);
        assertThat(last).isEqualTo(new Outcome.Acknowledged(50, false, 0));
        assertThat(tight.pod("n1", POD, "u1", Duration.ofMinutes(5), metric -> true)
                        .orElseThrow()
                        .total()
                        .covered())
                .isBetween(PUSH.multipliedBy(4), PUSH.multipliedBy(15));
    }

    static List<Arguments> brokenSummaries() {
        return List.of(
                broken("version 2", s -> s.setVersion(2), "version 2 is not spoken here"),
                broken("no node", s -> s.setNode(""), "a summary has a node"),
                broken("a short session", s -> s.setSession(ByteString.copyFromUtf8("x")), "session of 1 bytes"),
                broken("sequence 0", s -> s.setSequence(0), "sequence 0"),
                broken("no interval", s -> s.setComplete(false).setIntervalNanos(0), "interval_nanos is 0"),
                broken(
                        "ref 0",
                        s -> s.setContainers(0, s.getContainers(0).toBuilder().setRef(0)),
                        "ref 0"),
                broken("a ref twice", s -> s.addContainers(s.getContainers(0)), "ref 1 is there twice"),
                broken(
                        "no identity",
                        s -> s.setContainers(0, s.getContainers(0).toBuilder().clearIdentity()),
                        "has no identity"),
                broken(
                        "no pod name",
                        s -> s.setContainers(
                                0,
                                s.getContainers(0).toBuilder()
                                        .setIdentity(s.getContainers(0).getIdentity().toBuilder()
                                                .setPod(""))),
                        "lacks a namespace or a pod"),
                broken("a label beyond the table", s -> counter(s, 3, 9, 1), "label 9 of a session that has 3 strings"),
                broken(
                        "a label where none is",
                        s -> counter(s, 2, 1, 1),
                        "kpod.cpu.context.switches has label 1, but that metric has none"),
                broken(
                        "no label where one is",
                        s -> counter(s, 3, 0, 1),
                        "kpod.cpu.preemptions has label 0, but that metric has [by]"),
                broken(
                        "a count beyond reason",
                        s -> counter(s, 2, 0, Long.MAX_VALUE),
                        "kpod.cpu.context.switches counts 9223372036854775807"),
                broken("a gauge beyond reason", s -> gauge(s, 41, 1e300), "kpod.mem.working.set.bytes is 1.0E300"),
                broken("an infinite gauge", s -> gauge(s, 41, Double.NEGATIVE_INFINITY), "has the value -Infinity"),
                broken("a gauge as a counter", s -> counter(s, 41, 0, 1), "is a GAUGE, not a COUNTER"),
                broken(
                        "a poll after the reading",
                        s -> s.setPolledNanos(s.getElapsedNanos() + 1),
                        "polled_nanos 5000000001 is after the reading itself at elapsed_nanos 5000000000"),
                broken("a negative count", s -> counter(s, 2, 0, -1), "18446744073709551615, above 2^63-1"),
                broken("a distribution as a counter", s -> counter(s, 1, 0, 1), "is a DISTRIBUTION, not a COUNTER"),
                broken("bucket 240", s -> bucket(s, List.of(240), List.of(1L)), "names bucket 240"),
                broken("a bucket twice", s -> bucket(s, List.of(3, 0), List.of(1L, 1L)), "names bucket 3"),
                broken(
                        "a count too few",
                        s -> bucket(s, List.of(3, 1), List.of(1L)),
                        "2 bucket_steps but 1 bucket_counts"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenSummaries")
    void aBrokenSummaryIsRefusedWithTheReasonAndChangesNothing(
            String name, UnaryOperator<SummaryProto.Summary.Builder> damage, String reason) throws Exception {
        agent.start("shop", "checkout", "u1", "app").count(10, 1, 1, 1, 1000);
        byte[] good = agent.next(PUSH);
        agent.answered(store.accept("n1", good));
        long revision = store.revision();
        SummaryProto.Summary.Builder summary =
                SummaryProto.Summary.parseFrom(good).toBuilder().setSequence(2);
        byte[] body = damage.apply(summary).build().toByteArray();
        assertThat(store.accept("n1", body))
                .isInstanceOfSatisfying(
                        Outcome.Malformed.class,
                        malformed -> assertThat(malformed.reason()).contains(reason));
        assertThat(store.revision()).isEqualTo(revision);
        assertThat(total(MINUTE).total(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(10);
    }

    @Test
    void everyTruncationAndThousandsOfMutationsAreTakenWholeOrNotAtAll() {
        agent.start("shop", "checkout", "u1", "app")
                .count(10, 1, 1, 1, 1000, 100_000)
                .everySignal(label -> "x", metric -> true);
        byte[] good = agent.next(PUSH);
        for (int length = 0; length < good.length; length++) {
            WindowStore fresh =
                    new WindowStore(WindowSettings.retaining(Duration.ofMinutes(5)), Admission.EVERYTHING, clock);
            Outcome outcome = fresh.accept("n1", Arrays.copyOf(good, length));
            if (!(outcome instanceof Outcome.Acknowledged)) {
                assertThat(fresh.pods()).isEmpty();
                assertThat(fresh.revision()).isZero();
            }
        }
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] body = good.clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            WindowStore fresh =
                    new WindowStore(WindowSettings.retaining(Duration.ofMinutes(5)), Admission.EVERYTHING, clock);
            Outcome outcome = fresh.accept("n1", body);
            if (!(outcome instanceof Outcome.Acknowledged)) {
                assertThat(fresh.pods()).isEmpty();
            } else {
                fresh.pods().forEach(pod -> fresh.pod("n1", pod.name(), "", MINUTE, metric -> true));
            }
        }
    }

    @Test
    void randomBytesAreNoSummary() {
        Random random = new Random(11);
        for (int i = 0; i < 5000; i++) {
            byte[] body = new byte[random.nextInt(300)];
            random.nextBytes(body);
            assertThat(store.accept("n1", body)).isInstanceOf(Outcome.Malformed.class);
        }
        assertThat(store.pods()).isEmpty();
    }

    private static Arguments broken(String name, UnaryOperator<SummaryProto.Summary.Builder> damage, String reason) {
        return Arguments.of(name, damage, reason);
    }

    private static SummaryProto.Summary.Builder counter(
            SummaryProto.Summary.Builder s, int metric, int label, long value) {
        return s.setContainers(
                0,
                s.getContainers(0).toBuilder()
                        .addCounters(SummaryProto.Counter.newBuilder()
                                .setMetric(metric)
                                .setLabel(label)
                                .setValue(value)));
    }

    private static SummaryProto.Summary.Builder gauge(SummaryProto.Summary.Builder s, int metric, double value) {
        return s.setContainers(
                0,
                s.getContainers(0).toBuilder()
                        .addGauges(SummaryProto.Gauge.newBuilder()
                                .setMetric(metric)
                                .setValue(value)));
    }

    private static SummaryProto.Summary.Builder bucket(
            SummaryProto.Summary.Builder s, List<Integer> steps, List<Long> counts) {
        return s.setContainers(
                0,
                s.getContainers(0).toBuilder()
                        .addDistributions(SummaryProto.Distribution.newBuilder()
                                .setMetric(1)
                                .addAllBucketSteps(steps)
                                .addAllBucketCounts(counts)));
    }
}
