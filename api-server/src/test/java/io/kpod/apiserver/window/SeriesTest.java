package io.kpod.apiserver.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.ingest.SummarySink.Outcome;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.wire.SummaryLimits;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Series that nobody knew beforehand, gauges, series that are no container's, and how many there may be. */
class SeriesTest {
    private static final Duration PUSH = Duration.ofSeconds(5);
    private static final Duration MINUTE = Duration.ofSeconds(60);
    private static final WindowSettings DEFAULTS = WindowSettings.retaining(Duration.ofMinutes(5));

    private final ManualClock clock = new ManualClock();
    private final TestAgent agent = new TestAgent("n1");
    private final TestAgent.Container app = agent.start("shop", "web", "u1", "app");
    private WindowStore store = new WindowStore(DEFAULTS, Admission.EVERYTHING, clock);

    private void push() {
        clock.advance(PUSH);
        assertThat(agent.push(store, PUSH)).isInstanceOf(Outcome.Acknowledged.class);
    }

    private PodWindow pod() {
        return store.pod("n1", new PodName("shop", "web"), "u1", MINUTE, metric -> true)
                .orElseThrow();
    }

    private ContainerWindow total() {
        return pod().total();
    }

    @Test
    void aLabelThatComesLaterIsASeriesLikeOthers() {
        push();
        push();
        app.add(Catalogue.SYSCALL_COUNT, "openat", 10);
        push();
        app.add(Catalogue.SYSCALL_COUNT, "openat", 10).add(Catalogue.SYSCALL_COUNT, "futex", 40);
        push();
        assertThat(total().labels(Catalogue.SYSCALL_COUNT)).containsExactly("futex", "openat");
        assertThat(total().total(Catalogue.SYSCALL_COUNT, LabelFilter.ALL)).hasValue(60);
        assertThat(total().rate(Catalogue.SYSCALL_COUNT, LabelFilter.only("futex")))
                .hasValue(40 / 15.0);
    }

    @Test
    void aGaugeStaysUntilItIsToldOtherwise() {
        app.gauge(Catalogue.MEM_RSS_BYTES, "", 10).gauge(Catalogue.MEM_LIMIT_BYTES, "", 100);
        push();
        push();
        assertThat(total().gauge(Catalogue.MEM_RSS_BYTES, LabelFilter.ALL)).hasValue(10);
        app.gauge(Catalogue.MEM_RSS_BYTES, "", 11).gauge(Catalogue.MEM_LIMIT_BYTES, "", Double.NaN);
        push();
        push();
        assertThat(total().gauge(Catalogue.MEM_RSS_BYTES, LabelFilter.ALL)).hasValue(11);
        assertThat(total().gauge(Catalogue.MEM_LIMIT_BYTES, LabelFilter.ALL)).isEmpty();
    }

    @Test
    void aGaugeWhoseEndGotLostEndsWithTheTotals() {
        app.gauge(Catalogue.FS_USAGE_BYTES, "/data", 10);
        push();
        push();
        app.gauge(Catalogue.FS_USAGE_BYTES, "/data", Double.NaN);
        agent.next(PUSH);
        push();
        assertThat(total().labels(Catalogue.FS_USAGE_BYTES)).isEmpty();
    }

    @Test
    void aContainerThatIsGoneUsesNothing() {
        TestAgent.Container sidecar =
                agent.start("shop", "web", "u1", "sidecar").gauge(Catalogue.MEM_RSS_BYTES, "", 5);
        app.gauge(Catalogue.MEM_RSS_BYTES, "", 10);
        push();
        sidecar.add(Catalogue.MEM_OOM_KILLS, "", 1).end();
        push();
        assertThat(total().gauge(Catalogue.MEM_RSS_BYTES, LabelFilter.ALL)).hasValue(10);
        assertThat(total().total(Catalogue.MEM_OOM_KILLS, LabelFilter.ALL)).hasValue(1);
    }

    @Test
    void whatThePodHasBesideItsContainersIsInItsTotalAndNoContainer() {
        TestAgent.Container own = agent.startPod("shop", "web", "u1");
        push();
        own.add(Catalogue.NET_IFACE_RX_BYTES, "eth0", 500);
        push();
        assertThat(pod().containers()).extracting(ContainerWindow::name).containsExactly("app");
        assertThat(total().rate(Catalogue.NET_IFACE_RX_BYTES, LabelFilter.ALL)).hasValue(100);
        assertThat(pod().containers().getFirst().labels(Catalogue.NET_IFACE_RX_BYTES))
                .isEmpty();
    }

    @Test
    void theRestOfTheNodeIsKeptButIsNoPodAndNeedsNoAdmission() {
        store = new WindowStore(DEFAULTS, (node, identity, ended) -> Optional.of("nobody asks for it"), clock);
        TestAgent other = new TestAgent("n2");
        TestAgent.Container rest = other.startRestOfNode();
        other.push(store, PUSH);
        rest.add(Catalogue.TCP_CONNECTIONS, "", 7);
        clock.advance(PUSH);
        assertThat(other.push(store, PUSH)).isEqualTo(new Outcome.Acknowledged(2, false, 0));
        assertThat(store.pods()).isEmpty();
        assertThat(store.pod("n2", new PodName("", ""), "", MINUTE, metric -> true)
                        .orElseThrow()
                        .total()
                        .total(Catalogue.TCP_CONNECTIONS, LabelFilter.ALL))
                .hasValue(7);
    }

    @Test
    void noContainerFillsTheStoreWithLabels() {
        SummaryLimits limits = new SummaryLimits(100, 1000, 100, 50, 10);
        store = new WindowStore(
                new WindowSettings(
                        DEFAULTS.retention(),
                        DEFAULTS.fine(),
                        DEFAULTS.coarse(),
                        limits,
                        100,
                        1000,
                        DEFAULTS.maxBytesPerNode(),
                        DEFAULTS.maxBytes()),
                Admission.EVERYTHING,
                clock);
        TestAgent.Container flood = agent.start("shop", "flood", "u2", "app");
        push();
        for (int i = 0; i < 40; i++) {
            flood.add(Catalogue.SYSCALL_COUNT, "call-" + i, 1);
            app.add(Catalogue.CPU_CONTEXT_SWITCHES, "", 10);
            push();
        }
        assertThat(store.refusedSeries()).isZero();
        for (int i = 40; i < 60; i++) {
            flood.add(Catalogue.SYSCALL_COUNT, "call-" + i, 1);
            push();
        }
        ContainerWindow flooded = store.pod("n1", new PodName("shop", "flood"), "u2", MINUTE, metric -> true)
                .orElseThrow()
                .total();
        assertThat(flooded.labels(Catalogue.SYSCALL_COUNT)).hasSize(45).contains("call-0", "call-44");
        assertThat(store.refusedSeries()).isEqualTo(15);
        assertThat(total().total(Catalogue.CPU_CONTEXT_SWITCHES, LabelFilter.ALL))
                .hasValue(400);
    }

    /** A node's table of label values starts anew when it has more than twice as many as one session may have: 16. */
    @Test
    void labelsOfManySessionsStayApart() {
        SummaryLimits limits = new SummaryLimits(100, 8, 100, 50, 10);
        store = new WindowStore(
                new WindowSettings(
                        DEFAULTS.retention(),
                        DEFAULTS.fine(),
                        DEFAULTS.coarse(),
                        limits,
                        100,
                        1000,
                        DEFAULTS.maxBytesPerNode(),
                        DEFAULTS.maxBytes()),
                Admission.EVERYTHING,
                clock);
        for (int session = 0; session < 12; session++) {
            TestAgent another = new TestAgent("n1");
            TestAgent.Container container = another.start("shop", "web", "u1", "app");
            clock.advance(PUSH);
            another.push(store, PUSH);
            for (int push = 0; push < 3; push++) {
                container
                        .add(Catalogue.SYSCALL_COUNT, "first-" + session, 10 + session)
                        .add(Catalogue.SYSCALL_COUNT, "second-" + session, 100)
                        .record(Catalogue.SYSCALL_LATENCY, "first-" + session, 1000L * (session + 1));
                if (push == 1) {
                    another.next(PUSH);
                }
                clock.advance(PUSH);
                another.push(store, PUSH);
            }
        }
        ContainerWindow all = store.pod("n1", new PodName("shop", "web"), "u1", Duration.ofMinutes(5), metric -> true)
                .orElseThrow()
                .total();
        for (int session = 0; session < 12; session++) {
            assertThat(all.increase(Catalogue.SYSCALL_COUNT, LabelFilter.only("first-" + session)))
                    .hasValue(30 + 3L * session);
            assertThat(all.increase(Catalogue.SYSCALL_COUNT, LabelFilter.only("second-" + session)))
                    .hasValue(300);
            assertThat(all.histogram(Catalogue.SYSCALL_LATENCY, LabelFilter.only("first-" + session))
                            .orElseThrow()
                            .sumNanos())
                    .isEqualTo(3000L * (session + 1));
        }
        assertThat(all.total(Catalogue.SYSCALL_COUNT, LabelFilter.only("second-11")))
                .hasValue(300);
    }

    @Test
    void noNodeFillsTheStoreWithContainersOfManySeries() {
        store = new WindowStore(
                new WindowSettings(
                        DEFAULTS.retention(),
                        DEFAULTS.fine(),
                        DEFAULTS.coarse(),
                        DEFAULTS.limits(),
                        100,
                        200,
                        DEFAULTS.maxBytesPerNode(),
                        DEFAULTS.maxBytes()),
                Admission.EVERYTHING,
                clock);
        for (int i = 0; i < 20; i++) {
            agent.start("shop", "p" + i, "v" + i, "app");
        }
        push();
        // four counters and a distribution of each
        assertThat(store.series()).isBetween(21L * 2, 21L * 5 - 1);
        assertThat(store.series() + store.refusedSeries()).isEqualTo(21 * 5);
        TestAgent another = new TestAgent("n1");
        another.start("shop", "web", "u1", "app");
        another.push(store, PUSH);
        for (int i = 0; i < 70; i++) {
            clock.advance(PUSH);
            another.push(store, PUSH);
        }
        assertThat(store.series()).isEqualTo(5);
    }

    @Test
    void theLabelsOfASeriesAreOneStringOnTheWireAndSeveralForWhoAsks() {
        String label = "sda" + Metric.LABEL_SEPARATOR + "read";
        push();
        app.record(Catalogue.DISK_IO_LATENCY, label, 1_000_000, 2_000_000);
        push();
        assertThat(Catalogue.DISK_IO_LATENCY.valuesOf(label)).containsExactly("sda", "read");
        assertThat(Catalogue.DISK_IO_LATENCY.valuesOf("sda")).containsExactly("sda", "");
        assertThat(Catalogue.DISK_READS.valuesOf(label)).containsExactly(label);
        assertThat(total().histogram(Catalogue.DISK_IO_LATENCY, LabelFilter.only(label))
                        .orElseThrow()
                        .count())
                .isEqualTo(2);
    }
}
