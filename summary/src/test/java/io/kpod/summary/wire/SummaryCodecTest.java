package io.kpod.summary.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.histogram.Schema3;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The streaming codec against protobuf's own, generated from the same summary.proto. */
class SummaryCodecTest {
    private static final byte[] SESSION = new byte[SummaryHeader.SESSION_BYTES];
    private static final SummaryHeader HEADER =
            new SummaryHeader("node-1", SESSION, 7, false, 5_000_000_000L, 11, 12, 3, 35_000_000_000L, 31_000_000_000L);
    private static final ContainerIdentity IDENTITY =
            new ContainerIdentity("shop", "web-1", "uid", "app", "c0ffee", 42);

    private static byte[] write(Histogram now, long switches) {
        SummaryWriter writer = new SummaryWriter();
        writer.begin(HEADER);
        writer.string("self");
        writer.collector(new CollectorReport("cpu", true, "tp_btf/sched_switch"));
        writer.beginContainer(9, IDENTITY, true);
        writer.distribution(Catalogue.CPU_RUNQUEUE_LATENCY, 0, now.toFlat(), 0, null, 0);
        writer.counter(Catalogue.CPU_CONTEXT_SWITCHES, 0, switches);
        writer.counter(Catalogue.CPU_PREEMPTIONS, 1, 5);
        writer.counters(Catalogue.CPU_PREEMPTORS, new int[] {2, 3}, new long[] {4, 1}, 2);
        writer.endContainer();
        return writer.finish();
    }

    @Property
    void protobufReadsWhatTheWriterWrites(
            @ForAll @Size(max = 60) List<@LongRange(min = 0, max = 1L << 41) Long> nanos,
            @ForAll @LongRange(min = 0) long switches)
            throws Exception {
        Histogram histogram = new Histogram();
        nanos.forEach(histogram::record);

        SummaryProto.Summary summary = SummaryProto.Summary.parseFrom(write(histogram, switches));

        assertThat(summary.getNode()).isEqualTo("node-1");
        assertThat(summary.getSequence()).isEqualTo(7);
        assertThat(summary.getStringsList()).containsExactly("self");
        assertThat(summary.getCollectors(0).getState()).isEqualTo("running");
        SummaryProto.Container container = summary.getContainers(0);
        assertThat(container.getRef()).isEqualTo(9);
        assertThat(container.getEnded()).isTrue();
        assertThat(container.getIdentity().getPod()).isEqualTo("web-1");
        assertThat(container.getCounters(0).getValue()).isEqualTo(switches);
        assertThat(container.getCounters(1).getLabel()).isEqualTo(1);
        SummaryProto.Distribution distribution = container.getDistributions(0);
        assertThat(distribution.getSumNanos()).isEqualTo(histogram.sumNanos());
        Histogram read = new Histogram();
        read.addToSum(distribution.getSumNanos());
        read.addToBucket(Schema3.ZERO, distribution.getZeroCount());
        int position = 0;
        for (int i = 0; i < distribution.getBucketStepsCount(); i++) {
            position += distribution.getBucketSteps(i);
            read.addToBucket(position, distribution.getBucketCounts(i));
        }
        assertThat(read).isEqualTo(histogram);
    }

    @Property
    void theReaderReadsWhatTheWriterWrites(@ForAll @Size(max = 60) List<@LongRange(min = 0, max = 1L << 41) Long> nanos)
            throws Exception {
        Histogram histogram = new Histogram();
        nanos.forEach(histogram::record);
        byte[] body = write(histogram, 99);

        SummaryReader.Parsed parsed = SummaryReader.read(body, SummaryLimits.DEFAULT);

        assertThat(parsed.header()).usingRecursiveComparison().isEqualTo(HEADER);
        assertThat(parsed.strings()).containsExactly("self");
        assertThat(parsed.collectors()).containsExactly(new CollectorReport("cpu", true, "tp_btf/sched_switch"));
        SummaryReader.ContainerPart part = parsed.containers().getFirst();
        assertThat(part.identity()).isEqualTo(IDENTITY);
        assertThat(part.ended()).isTrue();
        List<String> seen = samples(body, part);
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        "kpod.cpu.runqueue.latency/0=" + Arrays.toString(histogram.toFlat()),
                        "kpod.cpu.context.switches/0=99",
                        "kpod.cpu.preemptions/1=5",
                        "kpod.cpu.preemptors/2=4",
                        "kpod.cpu.preemptors/3=1");
    }

    @Property
    void setsOfCountersAreReadAsCounters(
            @ForAll @Size(max = Histogram.WIDTH) List<@IntRange(min = 1) Integer> labels, @ForAll Random random)
            throws Exception {
        long[] values = labels.stream()
                .mapToLong(label -> random.nextLong() >>> 1 + random.nextInt(63))
                .toArray();
        SummaryWriter writer = new SummaryWriter();
        writer.begin(HEADER);
        writer.beginContainer(1, IDENTITY, false);
        writer.counter(Catalogue.CPU_CONTEXT_SWITCHES, 0, 5);
        writer.counters(
                Catalogue.CPU_PREEMPTORS,
                labels.stream().mapToInt(Integer::intValue).toArray(),
                values,
                labels.size());
        writer.endContainer();
        byte[] body = writer.finish();

        SummaryProto.Container container = SummaryProto.Summary.parseFrom(body).getContainers(0);
        assertThat(container.getCounterSetsCount()).isEqualTo(labels.isEmpty() ? 0 : 1);
        List<String> expected = new ArrayList<>(List.of("kpod.cpu.context.switches/0=5"));
        for (int i = 0; i < values.length; i++) {
            assertThat(container.getCounterSets(0).getLabels(i)).isEqualTo(labels.get(i));
            assertThat(container.getCounterSets(0).getValues(i)).isEqualTo(values[i]);
            expected.add("kpod.cpu.preemptors/" + labels.get(i) + "=" + values[i]);
        }
        assertThat(samples(
                        body,
                        SummaryReader.read(body, SummaryLimits.DEFAULT)
                                .containers()
                                .getFirst()))
                .isEqualTo(expected);
    }

    /** Ten who took the CPU fit into what is left of a summary's budget. */
    @Test
    void aSetIsSmall() {
        SummaryWriter writer = new SummaryWriter();
        writer.begin(HEADER);
        writer.beginContainer(1, null, false);
        writer.endContainer();
        int without = writer.finish().length;
        writer.begin(HEADER);
        writer.beginContainer(1, null, false);
        int[] labels = new int[10];
        Arrays.setAll(labels, i -> 100 + i);
        long[] counts = new long[10];
        Arrays.fill(counts, 120);
        writer.counters(Catalogue.CPU_PREEMPTORS, labels, counts, 10);
        writer.endContainer();

        assertThat(writer.finish().length - without).isLessThanOrEqualTo(28);
    }

    @Test
    void aDistributionCanBeWrittenAsWhatCameSince() throws Exception {
        Histogram before = new Histogram();
        before.record(5_000);
        before.record(1_000_000);
        Histogram now = new Histogram();
        now.add(before);
        now.record(1_000_000);
        SummaryWriter writer = new SummaryWriter();
        writer.begin(HEADER);
        writer.beginContainer(1, null, false);
        writer.distribution(Catalogue.CPU_RUNQUEUE_LATENCY, 0, now.toFlat(), 0, before.toFlat(), 0);
        writer.endContainer();
        byte[] body = writer.finish();

        Histogram since = new Histogram();
        since.record(1_000_000);
        assertThat(samples(
                        body,
                        SummaryReader.read(body, SummaryLimits.DEFAULT)
                                .containers()
                                .getFirst()))
                .containsExactly("kpod.cpu.runqueue.latency/0=" + Arrays.toString(since.toFlat()));
    }

    @Test
    void aWriterCanBeUsedAgain() {
        SummaryWriter writer = new SummaryWriter();
        writer.begin(HEADER);
        writer.beginContainer(1, IDENTITY, false);
        writer.begin(HEADER);
        byte[] first = writer.finish();
        writer.begin(HEADER);
        assertThat(writer.finish()).isEqualTo(first);
    }

    @Test
    void truncatedBodiesAreRefusedOrCutAtAField() {
        byte[] body = write(new Histogram(), 1);
        for (int length = 0; length < body.length; length++) {
            byte[] cut = Arrays.copyOf(body, length);
            try {
                SummaryReader.Parsed parsed = SummaryReader.read(cut, SummaryLimits.DEFAULT);
                for (SummaryReader.ContainerPart part : parsed.containers()) {
                    samples(cut, part);
                }
            } catch (MalformedSummaryException expected) {
                assertThat(expected).hasMessageMatching("(?s).{10,}");
            }
        }
    }

    @Property
    void anyBytesAreReadOrRefusedAsMalformed(@ForAll @Size(max = 200) byte[] noise) {
        byte[] body = write(new Histogram(), 1);
        for (int i = 0; i < noise.length; i++) {
            body[Math.floorMod(noise[i] * 31 + i, body.length)] ^= noise[i];
        }
        for (byte[] each : List.of(noise, body)) {
            try {
                for (SummaryReader.ContainerPart part :
                        SummaryReader.read(each, SummaryLimits.DEFAULT).containers()) {
                    samples(each, part);
                }
            } catch (MalformedSummaryException expected) {
                assertThat(expected.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void refusalsNameTheThingAndTheBound() {
        SummaryProto.Summary.Builder good = SummaryProto.Summary.newBuilder()
                .setVersion(1)
                .setNode("n")
                .setSession(ByteString.copyFrom(SESSION))
                .setSequence(1);
        assertRefused(good.clone().setVersion(9).build(), "version 9");
        assertRefused(good.clone().setNode("").build(), "node \"\"");
        assertRefused(good.clone().setNode("n".repeat(600)).build(), "node of 600 chars", "512");
        assertRefused(
                good.clone().addContainers(SummaryProto.Container.newBuilder()).build(), "ref 0");
        SummaryProto.Distribution.Builder distribution =
                SummaryProto.Distribution.newBuilder().setMetric(Catalogue.CPU_RUNQUEUE_LATENCY.wireNumber());
        assertRefused(with(good, distribution.clone().addBucketSteps(240).addBucketCounts(1)), "bucket 240");
        assertRefused(with(good, distribution.clone().addBucketSteps(3)), "1 bucket_steps but 0 bucket_counts");
        assertRefused(with(good, distribution.clone().addBucketSteps(3).addBucketSteps(0)), "bucket 3");
        assertRefused(with(good, distribution.clone().setSumNanos(-1)), "sum_nanos 18446744073709551615");
        assertRefused(with(good, distribution.clone().setMetric(2)), "kpod.cpu.context.switches", "DISTRIBUTION");
        SummaryProto.CounterSet.Builder set =
                SummaryProto.CounterSet.newBuilder().setMetric(Catalogue.CPU_PREEMPTORS.wireNumber());
        assertRefused(with(good, set.clone().addLabels(1)), "1 labels but 0 values");
        assertRefused(with(good, set.clone().addLabels(1).addValues(1).addValues(2)), "more values than labels");
        assertRefused(with(good, set.clone().addLabels(1).addValues(-1)), "values 18446744073709551615");
        assertRefused(
                with(good, set.clone().setMetric(1).addLabels(1).addValues(1)), "kpod.cpu.runqueue.latency", "COUNTER");
        for (int i = 0; i < 243; i++) {
            set.addLabels(i + 1).addValues(1);
        }
        assertRefused(with(good, set), "more than 242 labels of a counter set");
    }

    private static SummaryProto.Summary with(
            SummaryProto.Summary.Builder summary, SummaryProto.Distribution.Builder distribution) {
        return summary.clone()
                .addContainers(SummaryProto.Container.newBuilder().setRef(1).addDistributions(distribution))
                .build();
    }

    private static SummaryProto.Summary with(
            SummaryProto.Summary.Builder summary, SummaryProto.CounterSet.Builder counters) {
        return summary.clone()
                .addContainers(SummaryProto.Container.newBuilder().setRef(1).addCounterSets(counters))
                .build();
    }

    private static void assertRefused(SummaryProto.Summary summary, String... words) {
        byte[] body = summary.toByteArray();
        assertThatThrownBy(() -> {
                    for (SummaryReader.ContainerPart part :
                            SummaryReader.read(body, SummaryLimits.DEFAULT).containers()) {
                        samples(body, part);
                    }
                })
                .isInstanceOf(MalformedSummaryException.class)
                .hasMessageContainingAll(words);
    }

    private static List<String> samples(byte[] body, SummaryReader.ContainerPart part)
            throws MalformedSummaryException {
        List<String> seen = new ArrayList<>();
        SummaryReader.samples(
                body,
                part.offset(),
                part.length(),
                SummaryLimits.DEFAULT,
                new long[Histogram.WIDTH],
                new SampleVisitor() {
                    @Override
                    public void counter(Metric metric, int label, long value) {
                        seen.add(metric.name() + "/" + label + "=" + value);
                    }

                    @Override
                    public void gauge(Metric metric, int label, double value) {
                        seen.add(metric.name() + "/" + label + "=" + value);
                    }

                    @Override
                    public void distribution(Metric metric, int label, long[] flat) {
                        seen.add(metric.name() + "/" + label + "=" + Arrays.toString(flat));
                    }
                });
        return seen;
    }
}
