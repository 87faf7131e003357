package io.kpod.summary.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.histogram.Schema3;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a summary as a stream: {@link #read} splits a body into its header and the places of its containers, and
 * {@link #samples} visits the values of one of them, so that a store can keep bytes and decode what it is asked for.
 *
 * <p>Metrics of a newer agent that this catalogue does not know are passed over, as are unknown fields.
 */
public final class SummaryReader {
    /** Stands in a bucket that was named until its count is read: counts are not negative. */
    private static final long COUNT_TO_COME = -1;

    static final String RUNNING = "running";
    static final String OFF = "off";

    /**
     * A summary taken apart; containers are still encoded.
     *
     * @param strings what it adds to the session's table
     */
    public record Parsed(
            SummaryHeader header,
            List<String> strings,
            List<ContainerPart> containers,
            List<CollectorReport> collectors) {}

    /**
     * One container of a body.
     *
     * @param identity null: known from an earlier summary
     * @param offset of its encoded message in the body
     * @param length of that message in bytes
     */
    public record ContainerPart(int ref, @Nullable ContainerIdentity identity, boolean ended, int offset, int length) {}

    private SummaryReader() {}

    /**
     * Takes a body apart.
     *
     * @throws MalformedSummaryException if it is no summary of this version or passes the limits
     */
    public static Parsed read(byte[] body, SummaryLimits limits) throws MalformedSummaryException {
        try {
            return parse(body, limits);
        } catch (IOException e) {
            throw new MalformedSummaryException("not a kpod.summary.v1.Summary: " + e.getMessage());
        }
    }

    private static Parsed parse(byte[] body, SummaryLimits limits) throws IOException, MalformedSummaryException {
        CodedInputStream in = CodedInputStream.newInstance(body);
        int version = 0;
        String node = "";
        byte[] session = {};
        long sequence = 0;
        boolean complete = false;
        long interval = 0;
        long timestamp = 0;
        long sessionStart = 0;
        long overflowed = 0;
        long elapsed = 0;
        long polled = 0;
        List<String> strings = new ArrayList<>();
        List<ContainerPart> containers = new ArrayList<>();
        List<CollectorReport> collectors = new ArrayList<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case SummaryProto.Summary.VERSION_FIELD_NUMBER -> version = in.readUInt32();
                case SummaryProto.Summary.NODE_FIELD_NUMBER -> node = text(in, "node", limits);
                case SummaryProto.Summary.SESSION_FIELD_NUMBER -> session = in.readByteArray();
                case SummaryProto.Summary.SEQUENCE_FIELD_NUMBER -> sequence = in.readUInt64();
                case SummaryProto.Summary.COMPLETE_FIELD_NUMBER -> complete = in.readBool();
                case SummaryProto.Summary.INTERVAL_NANOS_FIELD_NUMBER -> interval = in.readUInt64();
                case SummaryProto.Summary.TIMESTAMP_UNIX_MILLIS_FIELD_NUMBER -> timestamp = in.readInt64();
                case SummaryProto.Summary.SESSION_START_UNIX_MILLIS_FIELD_NUMBER -> sessionStart = in.readInt64();
                case SummaryProto.Summary.OVERFLOWED_CONTAINERS_FIELD_NUMBER -> overflowed = in.readUInt64();
                case SummaryProto.Summary.ELAPSED_NANOS_FIELD_NUMBER -> elapsed = in.readUInt64();
                case SummaryProto.Summary.POLLED_NANOS_FIELD_NUMBER -> polled = in.readUInt64();
                case SummaryProto.Summary.STRINGS_FIELD_NUMBER -> {
                    bound("strings", strings.size(), limits.maxStrings());
                    strings.add(text(in, "string", limits));
                }
                case SummaryProto.Summary.COLLECTORS_FIELD_NUMBER -> {
                    bound("collectors", collectors.size(), limits.maxCollectors());
                    collectors.add(collector(in, limits));
                }
                case SummaryProto.Summary.CONTAINERS_FIELD_NUMBER -> {
                    bound("containers", containers.size(), limits.maxContainers());
                    containers.add(container(in, body, limits));
                }
                default -> skip(in, tag);
            }
        }
        if (version != SummaryHeader.VERSION) {
            throw new MalformedSummaryException("version " + version + " is not spoken here: this is version "
                    + SummaryHeader.VERSION + "; run agent and api-server of neighbouring releases");
        }
        if (node.isEmpty()
                || session.length != SummaryHeader.SESSION_BYTES
                || sequence < 1
                || interval < 0
                || elapsed < 0) {
            throw new MalformedSummaryException(
                    "node \"" + node + "\", session of " + session.length + " bytes, sequence "
                            + sequence + ", interval_nanos " + interval + ", elapsed_nanos " + elapsed
                            + ": a summary has a node, a session of "
                            + SummaryHeader.SESSION_BYTES + " bytes, a sequence from 1 on and no negative times");
        }
        if (polled < 0 || polled > elapsed) {
            throw new MalformedSummaryException("polled_nanos " + Long.toUnsignedString(polled)
                    + " is after the reading itself at elapsed_nanos " + elapsed);
        }
        SummaryHeader header = new SummaryHeader(
                node, session, sequence, complete, interval, timestamp, sessionStart, overflowed, elapsed, polled);
        return new Parsed(header, strings, containers, collectors);
    }

    /**
     * Visits the values of the container whose encoded message stands at {@code offset}.
     *
     * @param scratch {@link Histogram#WIDTH} longs that the visitor is shown distributions in
     * @throws MalformedSummaryException if the bytes are no container or pass the limits
     */
    public static void samples(
            byte[] body, int offset, int length, SummaryLimits limits, long[] scratch, SampleVisitor visitor)
            throws MalformedSummaryException {
        try {
            CodedInputStream in = CodedInputStream.newInstance(body, offset, length);
            int series = 0;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case SummaryProto.Container.COUNTERS_FIELD_NUMBER -> {
                        bound("series of a container", series++, limits.maxSeriesPerContainer());
                        counter(in, visitor);
                    }
                    case SummaryProto.Container.COUNTER_SETS_FIELD_NUMBER ->
                        series = counterSet(in, scratch, series, limits, visitor);
                    case SummaryProto.Container.GAUGES_FIELD_NUMBER -> {
                        bound("series of a container", series++, limits.maxSeriesPerContainer());
                        gauge(in, visitor);
                    }
                    case SummaryProto.Container.DISTRIBUTIONS_FIELD_NUMBER -> {
                        bound("series of a container", series++, limits.maxSeriesPerContainer());
                        distribution(in, scratch, visitor);
                    }
                    default -> skip(in, tag);
                }
            }
        } catch (IOException e) {
            throw new MalformedSummaryException("not a kpod.summary.v1.Container: " + e.getMessage());
        }
    }

    private static ContainerPart container(CodedInputStream in, byte[] body, SummaryLimits limits)
            throws IOException, MalformedSummaryException {
        int length = in.readRawVarint32();
        int offset = in.getTotalBytesRead();
        if (length < 0 || length > body.length - offset) {
            throw new MalformedSummaryException("a container of " + length + " bytes does not fit into what is left");
        }
        int outer = in.pushLimit(length);
        int ref = 0;
        ContainerIdentity identity = null;
        boolean ended = false;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case SummaryProto.Container.REF_FIELD_NUMBER -> ref = in.readUInt32();
                case SummaryProto.Container.ENDED_FIELD_NUMBER -> ended = in.readBool();
                case SummaryProto.Container.IDENTITY_FIELD_NUMBER -> identity = identity(in, limits);
                default -> skip(in, tag);
            }
        }
        in.popLimit(outer);
        if (ref < 1) {
            throw new MalformedSummaryException("container ref " + ref + " is not above 0");
        }
        return new ContainerPart(ref, identity, ended, offset, length);
    }

    private static ContainerIdentity identity(CodedInputStream in, SummaryLimits limits)
            throws IOException, MalformedSummaryException {
        int outer = in.pushLimit(in.readRawVarint32());
        String namespace = "";
        String pod = "";
        String podUid = "";
        String container = "";
        String containerId = "";
        long started = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case SummaryProto.Identity.NAMESPACE_FIELD_NUMBER -> namespace = text(in, "namespace", limits);
                case SummaryProto.Identity.POD_FIELD_NUMBER -> pod = text(in, "pod", limits);
                case SummaryProto.Identity.POD_UID_FIELD_NUMBER -> podUid = text(in, "pod_uid", limits);
                case SummaryProto.Identity.CONTAINER_FIELD_NUMBER -> container = text(in, "container", limits);
                case SummaryProto.Identity.CONTAINER_ID_FIELD_NUMBER -> containerId = text(in, "container_id", limits);
                case SummaryProto.Identity.STARTED_UNIX_MILLIS_FIELD_NUMBER -> started = in.readInt64();
                default -> skip(in, tag);
            }
        }
        in.popLimit(outer);
        ContainerIdentity identity = new ContainerIdentity(namespace, pod, podUid, container, containerId, started);
        if (!identity.isRest() && (namespace.isEmpty() || pod.isEmpty())) {
            throw new MalformedSummaryException(
                    "identity \"" + namespace + "/" + pod + "/" + container + "\" lacks a namespace or a pod");
        }
        return identity;
    }

    private static CollectorReport collector(CodedInputStream in, SummaryLimits limits)
            throws IOException, MalformedSummaryException {
        int outer = in.pushLimit(in.readRawVarint32());
        String collector = "";
        String state = "";
        String reason = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case SummaryProto.CollectorState.COLLECTOR_FIELD_NUMBER -> collector = text(in, "collector", limits);
                case SummaryProto.CollectorState.STATE_FIELD_NUMBER -> state = text(in, "state", limits);
                case SummaryProto.CollectorState.REASON_FIELD_NUMBER -> reason = text(in, "reason", limits);
                default -> skip(in, tag);
            }
        }
        in.popLimit(outer);
        return new CollectorReport(collector, state.equals(RUNNING), reason);
    }

    private static void counter(CodedInputStream in, SampleVisitor visitor)
            throws IOException, MalformedSummaryException {
        int outer = in.pushLimit(in.readRawVarint32());
        int metric = 0;
        int label = 0;
        long value = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case SummaryProto.Counter.METRIC_FIELD_NUMBER -> {
                    metric = in.readUInt32();
                    if (isUnwanted(metric, visitor)) {
                        in.skipRawBytes(in.getBytesUntilLimit());
                        in.popLimit(outer);
                        return;
                    }
                }
                case SummaryProto.Counter.LABEL_FIELD_NUMBER -> label = in.readUInt32();
                case SummaryProto.Counter.VALUE_FIELD_NUMBER -> value = in.readUInt64();
                default -> skip(in, tag);
            }
        }
        in.popLimit(outer);
        if (value < 0) {
            throw new MalformedSummaryException(
                    "counter " + metric + " has the value " + Long.toUnsignedString(value) + ", above 2^63-1");
        }
        Optional<Metric> known = known(metric, MetricType.COUNTER);
        if (known.isPresent()) {
            visitor.counter(known.get(), label, value);
        }
    }

    /** @return how many series the container has with these */
    private static int counterSet(
            CodedInputStream in, long[] labels, int seriesBefore, SummaryLimits limits, SampleVisitor visitor)
            throws IOException, MalformedSummaryException {
        int outer = in.pushLimit(in.readRawVarint32());
        int series = seriesBefore;
        int metric = 0;
        int count = 0;
        int valued = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case SummaryProto.CounterSet.METRIC_FIELD_NUMBER -> {
                    metric = in.readUInt32();
                    if (isUnwanted(metric, visitor)) {
                        in.skipRawBytes(in.getBytesUntilLimit());
                        in.popLimit(outer);
                        return series;
                    }
                }
                case SummaryProto.CounterSet.LABELS_FIELD_NUMBER -> {
                    int packed = in.pushLimit(in.readRawVarint32());
                    while (in.getBytesUntilLimit() > 0) {
                        bound("labels of a counter set", count, labels.length);
                        bound("series of a container", series++, limits.maxSeriesPerContainer());
                        labels[count++] = in.readUInt32();
                    }
                    in.popLimit(packed);
                }
                case SummaryProto.CounterSet.VALUES_FIELD_NUMBER -> {
                    Optional<Metric> known = known(metric, MetricType.COUNTER);
                    int packed = in.pushLimit(in.readRawVarint32());
                    while (in.getBytesUntilLimit() > 0) {
                        if (valued == count) {
                            throw new MalformedSummaryException(
                                    "counter set " + metric + " has more values than labels before them");
                        }
                        long value = positive("counter set", "values", metric, in.readUInt64());
                        if (known.isPresent()) {
                            visitor.counter(known.get(), (int) labels[valued], value);
                        }
                        valued++;
                    }
                    in.popLimit(packed);
                }
                default -> skip(in, tag);
            }
        }
        in.popLimit(outer);
        if (valued != count) {
            throw new MalformedSummaryException(
                    "counter set " + metric + " has " + count + " labels but " + valued + " values");
        }
        return series;
    }

    private static void gauge(CodedInputStream in, SampleVisitor visitor)
            throws IOException, MalformedSummaryException {
        int outer = in.pushLimit(in.readRawVarint32());
        int metric = 0;
        int label = 0;
        double value = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case SummaryProto.Gauge.METRIC_FIELD_NUMBER -> {
                    metric = in.readUInt32();
                    if (isUnwanted(metric, visitor)) {
                        in.skipRawBytes(in.getBytesUntilLimit());
                        in.popLimit(outer);
                        return;
                    }
                }
                case SummaryProto.Gauge.LABEL_FIELD_NUMBER -> label = in.readUInt32();
                case SummaryProto.Gauge.VALUE_FIELD_NUMBER -> value = in.readDouble();
                default -> skip(in, tag);
            }
        }
        in.popLimit(outer);
        if (Double.isInfinite(value)) {
            throw new MalformedSummaryException("gauge " + metric + " has the value " + value);
        }
        Optional<Metric> known = known(metric, MetricType.GAUGE);
        if (known.isPresent()) {
            visitor.gauge(known.get(), label, value);
        }
    }

    private static void distribution(CodedInputStream in, long[] flat, SampleVisitor visitor)
            throws IOException, MalformedSummaryException {
        int outer = in.pushLimit(in.readRawVarint32());
        int metric = 0;
        int label = 0;
        int steps = 0;
        int counts = 0;
        Arrays.fill(flat, 0, Histogram.WIDTH, 0);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case SummaryProto.Distribution.METRIC_FIELD_NUMBER -> {
                    metric = in.readUInt32();
                    if (isUnwanted(metric, visitor)) {
                        in.skipRawBytes(in.getBytesUntilLimit());
                        in.popLimit(outer);
                        return;
                    }
                }
                case SummaryProto.Distribution.LABEL_FIELD_NUMBER -> label = in.readUInt32();
                case SummaryProto.Distribution.SUM_NANOS_FIELD_NUMBER ->
                    flat[Histogram.SUM_NANOS] = positive("sum_nanos", metric, in.readUInt64());
                case SummaryProto.Distribution.ZERO_COUNT_FIELD_NUMBER ->
                    flat[Histogram.ZERO_COUNT] = positive("zero_count", metric, in.readUInt64());
                case SummaryProto.Distribution.BUCKET_STEPS_FIELD_NUMBER -> {
                    int packed = in.pushLimit(in.readRawVarint32());
                    long position = 0;
                    boolean first = true;
                    while (in.getBytesUntilLimit() > 0) {
                        long step = Integer.toUnsignedLong(in.readUInt32());
                        position += step;
                        if (position >= Schema3.BUCKETS || (step == 0 && !first)) {
                            throw new MalformedSummaryException("distribution " + metric + " names bucket " + position
                                    + ": positions rise from 0 to " + (Schema3.BUCKETS - 1));
                        }
                        first = false;
                        steps++;
                        flat[Histogram.FIRST_BUCKET + (int) position] = COUNT_TO_COME;
                    }
                    in.popLimit(packed);
                }
                case SummaryProto.Distribution.BUCKET_COUNTS_FIELD_NUMBER -> {
                    int packed = in.pushLimit(in.readRawVarint32());
                    int at = Histogram.FIRST_BUCKET;
                    while (in.getBytesUntilLimit() > 0) {
                        while (at < Histogram.WIDTH && flat[at] != COUNT_TO_COME) {
                            at++;
                        }
                        if (at == Histogram.WIDTH) {
                            throw new MalformedSummaryException(
                                    "distribution " + metric + " has more bucket_counts than bucket_steps before them");
                        }
                        flat[at] = positive("bucket_counts", metric, in.readUInt64());
                        counts++;
                    }
                    in.popLimit(packed);
                }
                default -> skip(in, tag);
            }
        }
        in.popLimit(outer);
        if (counts != steps) {
            throw new MalformedSummaryException(
                    "distribution " + metric + " has " + steps + " bucket_steps but " + counts + " bucket_counts");
        }
        Optional<Metric> known = known(metric, MetricType.DISTRIBUTION);
        if (known.isPresent()) {
            visitor.distribution(known.get(), label, flat);
        }
    }

    /** Decided by the first field of a series, so that nothing else of it has to be decoded. */
    private static boolean isUnwanted(int wireNumber, SampleVisitor visitor) {
        Optional<Metric> metric = Catalogue.byWireNumber(wireNumber);
        return metric.isPresent() && !visitor.wants(metric.get());
    }

    private static Optional<Metric> known(int wireNumber, MetricType type) throws MalformedSummaryException {
        Optional<Metric> metric = Catalogue.byWireNumber(wireNumber);
        if (metric.isPresent() && metric.get().type() != type) {
            throw new MalformedSummaryException("metric " + wireNumber + " ("
                    + metric.get().name() + ") is a " + metric.get().type() + ", not a " + type);
        }
        return metric;
    }

    private static long positive(String field, int metric, long value) throws MalformedSummaryException {
        return positive("distribution", field, metric, value);
    }

    private static long positive(String message, String field, int metric, long value)
            throws MalformedSummaryException {
        if (value < 0) {
            throw new MalformedSummaryException(
                    message + " " + metric + " has " + field + " " + Long.toUnsignedString(value) + ", above 2^63-1");
        }
        return value;
    }

    private static String text(CodedInputStream in, String what, SummaryLimits limits)
            throws IOException, MalformedSummaryException {
        String text = in.readStringRequireUtf8();
        if (text.length() > limits.maxStringLength()) {
            throw new MalformedSummaryException(
                    what + " of " + text.length() + " chars; at most " + limits.maxStringLength() + " are taken");
        }
        return text;
    }

    private static void bound(String what, int have, int most) throws MalformedSummaryException {
        if (have >= most) {
            throw new MalformedSummaryException("more than " + most + " " + what);
        }
    }

    private static void skip(CodedInputStream in, int tag) throws IOException {
        if (!in.skipField(tag)) {
            throw new InvalidProtocolBufferException("unexpected end-group tag");
        }
    }
}
