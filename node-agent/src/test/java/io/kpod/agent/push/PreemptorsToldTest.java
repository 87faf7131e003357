package io.kpod.agent.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.agent.container.ContainerName;
import io.kpod.agent.snapshot.ContainerReading;
import io.kpod.agent.snapshot.TestReadings;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.SampleVisitor;
import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryLimits;
import io.kpod.summary.wire.SummaryReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What summaries tell of those who took the CPU from a container, when there are more of them than are told of at a time. */
class PreemptorsToldTest {
    private final ContainerReading victim =
            TestReadings.named(1, new ContainerName("shop", "web", "uid", "app", "c0ffee"));
    private final SummaryEncoder encoder = new SummaryEncoder();
    private final List<String> strings = new ArrayList<>();
    private final Map<String, Long> told = new HashMap<>();
    private long sequence;
    private int completes;

    private static String who(int number) {
        return String.join(Metric.LABEL_SEPARATOR, "shop", "pod-" + number, "app");
    }

    /** One push that is acknowledged. */
    private int push() throws Exception {
        boolean complete = ++sequence == 1 || encoder.renewStrings();
        SummaryHeader header = new SummaryHeader(
                "n1", new byte[SummaryHeader.SESSION_BYTES], sequence, complete, 5, 0, 0, 0, 5 * sequence, 0);
        Map<String, Long> before = Map.copyOf(told);
        byte[] body;
        if (complete) {
            completes++;
            strings.clear();
            body = encoder.complete(header, List.of(victim), List.of(), end -> false);
        } else {
            body = encoder.increments(header, List.of(victim));
        }
        SummaryReader.Parsed parsed = SummaryReader.read(body, SummaryLimits.DEFAULT);
        strings.addAll(parsed.strings());
        int[] series = new int[1];
        for (SummaryReader.ContainerPart part : parsed.containers()) {
            SummaryReader.samples(
                    body,
                    part.offset(),
                    part.length(),
                    SummaryLimits.DEFAULT,
                    new long[Histogram.WIDTH],
                    new SampleVisitor() {
                        @Override
                        public void counter(Metric metric, int label, long value) {
                            assertThat(metric).isEqualTo(Catalogue.CPU_PREEMPTORS);
                            assertThat(value).isPositive();
                            series[0]++;
                            String who = strings.get(label - 1);
                            if (complete) {
                                told.put(who, Math.max(value, before.getOrDefault(who, 0L)));
                            } else {
                                told.merge(who, value, Long::sum);
                            }
                        }

                        @Override
                        public void gauge(Metric metric, int label, double value) {
                            throw new AssertionError(metric);
                        }

                        @Override
                        public void distribution(Metric metric, int label, long[] flat) {
                            throw new AssertionError(metric);
                        }
                    });
        }
        encoder.advance(sequence, List.of(victim), end -> false);
        return series[0];
    }

    @Test
    void theHeaviestTenAreToldOfExactly() throws Exception {
        push();
        for (int round = 0; round < 20; round++) {
            for (int number = 0; number < 40; number++) {
                TestReadings.preempted(victim, who(number), number < 10 ? 100 + number : 1);
            }
            assertThat(push()).isLessThanOrEqualTo(10);
        }

        assertThat(told.keySet()).hasSize(10);
        for (int number = 0; number < 10; number++) {
            assertThat(told.get(who(number))).isEqualTo(20 * (100 + number));
        }
    }

    @Test
    void whoIsHeavierNowTakesTheLightestsPlace() throws Exception {
        push();
        for (int number = 0; number < 10; number++) {
            TestReadings.preempted(victim, who(number), 1_000 + number);
        }
        push();
        for (int round = 0; round < 20; round++) {
            TestReadings.preempted(victim, who(77), 30);
            push();
        }

        assertThat(told.get(who(0))).isEqualTo(1_000);
        assertThat(told.get(who(77))).isBetween(300L, 600L);
        long before = told.get(who(77));
        TestReadings.preempted(victim, who(77), 9);
        push();
        assertThat(told.get(who(77))).isEqualTo(before + 9);
    }

    /** Nothing is told of that did not happen, whoever comes, goes and comes back, whichever place it gets. */
    @Test
    void comingAndGoingAddsNothing() throws Exception {
        Random random = new Random(20261125);
        Map<String, Long> truth = new HashMap<>();
        push();
        for (int round = 0; round < 3_000; round++) {
            for (int i = random.nextInt(30); i > 0; i--) {
                String who = who(random.nextInt(60));
                long times = 1L << random.nextInt(12);
                truth.merge(who, times, Long::sum);
                TestReadings.preempted(victim, who, times);
            }
            if (random.nextInt(3) > 0) {
                push();
            }
        }

        assertThat(told).isNotEmpty();
        told.forEach((who, times) -> assertThat(times).as(who).isBetween(1L, truth.get(who)));
        assertThat(told.values().stream().mapToLong(Long::longValue).sum())
                .as("most of it is told of")
                .isGreaterThan(
                        truth.values().stream().mapToLong(Long::longValue).sum() / 2);
        assertThat(victim.values()).as("places are used again").hasSizeLessThan(200);
        assertThat(completes).isEqualTo(1);
    }

    /** Neighbours that come for good and go, such as jobs: the server forgets them when totals don't mention them. */
    @Test
    void manyNewNamesMakeASummaryComplete() throws Exception {
        push();
        for (int number = 0; number < 2_000; number++) {
            TestReadings.preempted(victim, who(number), 100);
            push();
        }

        assertThat(completes).isBetween(3, 6);
        assertThat(strings).hasSizeLessThan(600);
    }
}
