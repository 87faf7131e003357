package io.kpod.apiserver.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Catalogue;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Counters that come in lumps, each over a poll interval of about 30 s, while summaries come every 5 s. */
class PolledRateTest {
    private static final Duration MINUTE = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofSeconds(5);
    private static final Duration RETENTION = Duration.ofMinutes(5);
    private static final Duration TICK = Duration.ofMillis(100);
    private static final int TICKS_PER_PUSH = 50;
    private static final PodName POD = new PodName("shop", "web");

    private final ManualClock clock = new ManualClock();
    private final TestAgent agent = new TestAgent("n1");
    private final TestAgent.Container app = agent.start("shop", "web", "u1", "app");
    private WindowStore store = new WindowStore(WindowSettings.retaining(RETENTION), Admission.EVERYTHING, clock);
    private Random jitter = new Random(1);
    private int sincePush;
    private int untilPoll;
    private boolean lost;

    /** The agent lives on for a while. */
    private void live(Duration time, long nanosPerTick) {
        live(app, time, nanosPerTick);
    }

    private void live(TestAgent.Container busy, Duration time, long nanosPerTick) {
        for (long tick = time.dividedBy(TICK); tick > 0; tick--) {
            clock.advance(TICK);
            sincePush++;
            busy.add(Catalogue.CPU_USAGE, "", nanosPerTick);
            if (untilPoll-- <= 0) {
                agent.poll(TICK.multipliedBy(sincePush));
                untilPoll = 300 + jitter.nextInt(10);
            }
            if (sincePush == TICKS_PER_PUSH) {
                if (lost) {
                    agent.next(TICK.multipliedBy(sincePush));
                } else {
                    agent.push(store, TICK.multipliedBy(sincePush));
                }
                sincePush = 0;
            }
        }
    }

    private OptionalDouble rate(Duration window) {
        return store.pod("n1", POD, "u1", window, metric -> true)
                .orElseThrow()
                .total()
                .rate(Catalogue.CPU_USAGE, LabelFilter.ALL);
    }

    @Property(tries = 200)
    void aSteadyRateIsExactAtAnyMoment(@ForAll int seed) {
        jitter = new Random(seed);
        untilPoll = jitter.nextInt(300);
        live(Duration.ofSeconds(70 + jitter.nextInt(30)), 25_000_000);
        for (int i = 0; i < 60; i++) {
            live(SHORT, 25_000_000);
            lost = jitter.nextInt(5) == 0;
            for (Duration window : new Duration[] {SHORT, Duration.ofSeconds(30), MINUTE, RETENTION}) {
                assertThat(rate(window)).hasValueCloseTo(0.25, within(1e-9));
            }
        }
    }

    @Test
    void aShortWindowAnswersOverTheLastPoll() {
        live(Duration.ofSeconds(125), 10_000_000);
        live(Duration.ofSeconds(65), 20_000_000);
        assertThat(rate(SHORT)).hasValueCloseTo(0.2, within(1e-9));
        assertThat(rate(RETENTION).orElseThrow()).isBetween(0.1, 0.15);
        ContainerWindow total =
                store.pod("n1", POD, "u1", SHORT, metric -> true).orElseThrow().total();
        assertThat(total.covered(Catalogue.CPU_CONTEXT_SWITCHES)).isEqualTo(SHORT);
        assertThat(total.covered(Catalogue.CPU_USAGE)).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(31));
    }

    @Test
    void whoStandsStillHasARateOfZeroAfterTheNextPoll() {
        live(Duration.ofSeconds(125), 10_000_000);
        live(Duration.ofSeconds(65), 0);
        assertThat(rate(SHORT)).hasValue(0);
    }

    @Test
    void aNewServerHasTheTotalAtOnceAndTheRateAfterTheNextPoll() {
        live(Duration.ofSeconds(95), 10_000_000);
        store = new WindowStore(WindowSettings.retaining(RETENTION), Admission.EVERYTHING, clock);
        live(Duration.ofSeconds(10), 10_000_000);
        assertThat(store.pod("n1", POD, "u1", MINUTE, metric -> true)
                        .orElseThrow()
                        .total()
                        .total(Catalogue.CPU_USAGE, LabelFilter.ALL))
                .hasValue(app.polled.get(new TestAgent.Key(Catalogue.CPU_USAGE, "")));
        assertThat(rate(MINUTE)).isEmpty();
        live(Duration.ofSeconds(35), 10_000_000);
        assertThat(rate(MINUTE)).hasValueCloseTo(0.1, within(1e-9));
    }

    @Test
    void whoIsBornBetweenTwoPollsIsCountedFromItsBirth() {
        live(Duration.ofSeconds(95), 0);
        TestAgent.Container young = agent.start("shop", "young", "u2", "app");
        live(young, Duration.ofSeconds(120), 10_000_000);
        assertThat(store.pod("n1", new PodName("shop", "young"), "u2", RETENTION, metric -> true)
                        .orElseThrow()
                        .total()
                        .rate(Catalogue.CPU_USAGE, LabelFilter.ALL))
                .hasValueCloseTo(0.1, within(1e-9));
    }

    @Test
    void whatItsAgentDoesNotTellTheTimeOfIsOverTheTimeOfItsSummary() {
        TestAgent older = new TestAgent("n2");
        TestAgent.Container other = older.start("shop", "other", "u3", "app");
        older.push(store, SHORT);
        for (int i = 0; i < 12; i++) {
            clock.advance(SHORT);
            other.add(Catalogue.CPU_USAGE, "", 500_000_000);
            older.push(store, SHORT);
        }
        assertThat(store.pod("n2", new PodName("shop", "other"), "u3", SHORT, metric -> true)
                        .orElseThrow()
                        .total()
                        .rate(Catalogue.CPU_USAGE, LabelFilter.ALL))
                .hasValue(0.1);
    }
}
