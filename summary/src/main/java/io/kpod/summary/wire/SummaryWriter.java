package io.kpod.summary.wire;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.histogram.Schema3;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Writes one summary after the other into buffers that it keeps, so that a steady push allocates nothing but the
 * request's body.
 *
 * <p>Order of calls: {@link #begin}, then any of {@link #string}, {@link #collector}, and per container
 * {@link #beginContainer}, its values, {@link #endContainer}; then {@link #finish}. For one thread.
 */
public final class SummaryWriter {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(64 * 1024);
    private final ByteArrayOutputStream containerBytes = new ByteArrayOutputStream(8 * 1024);
    private final CodedOutputStream out = CodedOutputStream.newInstance(body, 4096);
    private final CodedOutputStream container = CodedOutputStream.newInstance(containerBytes, 4096);

    /** Starts a summary; what an unfinished one had is dropped. */
    public void begin(SummaryHeader header) {
        try {
            out.flush();
            body.reset();
            out.writeUInt32(SummaryProto.Summary.VERSION_FIELD_NUMBER, SummaryHeader.VERSION);
            out.writeString(SummaryProto.Summary.NODE_FIELD_NUMBER, header.node());
            out.writeByteArray(SummaryProto.Summary.SESSION_FIELD_NUMBER, header.session());
            out.writeUInt64(SummaryProto.Summary.SEQUENCE_FIELD_NUMBER, header.sequence());
            out.writeBool(SummaryProto.Summary.COMPLETE_FIELD_NUMBER, header.complete());
            out.writeUInt64(SummaryProto.Summary.INTERVAL_NANOS_FIELD_NUMBER, header.intervalNanos());
            out.writeInt64(SummaryProto.Summary.TIMESTAMP_UNIX_MILLIS_FIELD_NUMBER, header.timestampUnixMillis());
            out.writeInt64(
                    SummaryProto.Summary.SESSION_START_UNIX_MILLIS_FIELD_NUMBER, header.sessionStartUnixMillis());
            out.writeUInt64(SummaryProto.Summary.OVERFLOWED_CONTAINERS_FIELD_NUMBER, header.overflowedContainers());
            out.writeUInt64(SummaryProto.Summary.ELAPSED_NANOS_FIELD_NUMBER, header.elapsedNanos());
            out.writeUInt64(SummaryProto.Summary.POLLED_NANOS_FIELD_NUMBER, header.polledNanos());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds the next string of the session's table. */
    public void string(String value) {
        try {
            out.writeString(SummaryProto.Summary.STRINGS_FIELD_NUMBER, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds the state of one collector. */
    public void collector(CollectorReport report) {
        String state = report.running() ? SummaryReader.RUNNING : SummaryReader.OFF;
        try {
            int length = CodedOutputStream.computeStringSize(
                            SummaryProto.CollectorState.COLLECTOR_FIELD_NUMBER, report.collector())
                    + CodedOutputStream.computeStringSize(SummaryProto.CollectorState.STATE_FIELD_NUMBER, state)
                    + CodedOutputStream.computeStringSize(
                            SummaryProto.CollectorState.REASON_FIELD_NUMBER, report.reason());
            beginMessage(out, SummaryProto.Summary.COLLECTORS_FIELD_NUMBER, length);
            out.writeString(SummaryProto.CollectorState.COLLECTOR_FIELD_NUMBER, report.collector());
            out.writeString(SummaryProto.CollectorState.STATE_FIELD_NUMBER, state);
            out.writeString(SummaryProto.CollectorState.REASON_FIELD_NUMBER, report.reason());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts a container.
     *
     * @param identity for its first mention in a session and in every complete summary; else null
     */
    public void beginContainer(int ref, @Nullable ContainerIdentity identity, boolean ended) {
        try {
            container.flush();
            containerBytes.reset();
            container.writeUInt32(SummaryProto.Container.REF_FIELD_NUMBER, ref);
            if (identity != null) {
                writeIdentity(identity);
            }
            if (ended) {
                container.writeBool(SummaryProto.Container.ENDED_FIELD_NUMBER, true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds a counter's increment or total; {@code label} is an index of the session's strings, 0 for none. */
    public void counter(Metric metric, int label, long value) {
        try {
            int length = seriesSize(metric, label)
                    + CodedOutputStream.computeUInt64Size(SummaryProto.Counter.VALUE_FIELD_NUMBER, value);
            beginMessage(container, SummaryProto.Container.COUNTERS_FIELD_NUMBER, length);
            writeSeries(metric, label);
            container.writeUInt64(SummaryProto.Counter.VALUE_FIELD_NUMBER, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Adds increments or totals of one counter under several labels; nothing if there are none.
     *
     * @param count how many of {@code labels} and {@code values} to take
     */
    public void counters(Metric metric, int[] labels, long[] values, int count) {
        if (count == 0) {
            return;
        }
        int labelsLength = 0;
        int valuesLength = 0;
        for (int i = 0; i < count; i++) {
            labelsLength += CodedOutputStream.computeUInt32SizeNoTag(labels[i]);
            valuesLength += CodedOutputStream.computeUInt64SizeNoTag(values[i]);
        }
        try {
            int length = seriesSize(metric, 0)
                    + messageSize(SummaryProto.CounterSet.LABELS_FIELD_NUMBER, labelsLength)
                    + messageSize(SummaryProto.CounterSet.VALUES_FIELD_NUMBER, valuesLength);
            beginMessage(container, SummaryProto.Container.COUNTER_SETS_FIELD_NUMBER, length);
            writeSeries(metric, 0);
            beginMessage(container, SummaryProto.CounterSet.LABELS_FIELD_NUMBER, labelsLength);
            for (int i = 0; i < count; i++) {
                container.writeUInt32NoTag(labels[i]);
            }
            beginMessage(container, SummaryProto.CounterSet.VALUES_FIELD_NUMBER, valuesLength);
            for (int i = 0; i < count; i++) {
                container.writeUInt64NoTag(values[i]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds a gauge's present value; NaN: the container has it no longer. */
    public void gauge(Metric metric, int label, double value) {
        try {
            int length = seriesSize(metric, label)
                    + CodedOutputStream.computeDoubleSize(SummaryProto.Gauge.VALUE_FIELD_NUMBER, value);
            beginMessage(container, SummaryProto.Container.GAUGES_FIELD_NUMBER, length);
            writeSeries(metric, label);
            container.writeDouble(SummaryProto.Gauge.VALUE_FIELD_NUMBER, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Adds a distribution's increment or total.
     *
     * @param now flat form ({@link Histogram}) from {@code nowOffset} on
     * @param before what to take off; null: nothing
     */
    public void distribution(
            Metric metric, int label, long[] now, int nowOffset, long @Nullable [] before, int beforeOffset) {
        long sum = difference(now, nowOffset, before, beforeOffset, Histogram.SUM_NANOS);
        long zero = difference(now, nowOffset, before, beforeOffset, Histogram.ZERO_COUNT);
        int stepsLength = 0;
        int countsLength = 0;
        int last = 0;
        for (int position = 0; position < Schema3.BUCKETS; position++) {
            long count = difference(now, nowOffset, before, beforeOffset, Histogram.FIRST_BUCKET + position);
            if (count != 0) {
                stepsLength += CodedOutputStream.computeUInt32SizeNoTag(position - last);
                countsLength += CodedOutputStream.computeUInt64SizeNoTag(count);
                last = position;
            }
        }
        try {
            int length = seriesSize(metric, label)
                    + CodedOutputStream.computeUInt64Size(SummaryProto.Distribution.SUM_NANOS_FIELD_NUMBER, sum)
                    + CodedOutputStream.computeUInt64Size(SummaryProto.Distribution.ZERO_COUNT_FIELD_NUMBER, zero)
                    + messageSize(SummaryProto.Distribution.BUCKET_STEPS_FIELD_NUMBER, stepsLength)
                    + messageSize(SummaryProto.Distribution.BUCKET_COUNTS_FIELD_NUMBER, countsLength);
            beginMessage(container, SummaryProto.Container.DISTRIBUTIONS_FIELD_NUMBER, length);
            writeSeries(metric, label);
            container.writeUInt64(SummaryProto.Distribution.SUM_NANOS_FIELD_NUMBER, sum);
            container.writeUInt64(SummaryProto.Distribution.ZERO_COUNT_FIELD_NUMBER, zero);
            beginMessage(container, SummaryProto.Distribution.BUCKET_STEPS_FIELD_NUMBER, stepsLength);
            last = 0;
            for (int position = 0; position < Schema3.BUCKETS; position++) {
                if (difference(now, nowOffset, before, beforeOffset, Histogram.FIRST_BUCKET + position) != 0) {
                    container.writeUInt32NoTag(position - last);
                    last = position;
                }
            }
            beginMessage(container, SummaryProto.Distribution.BUCKET_COUNTS_FIELD_NUMBER, countsLength);
            for (int position = 0; position < Schema3.BUCKETS; position++) {
                long count = difference(now, nowOffset, before, beforeOffset, Histogram.FIRST_BUCKET + position);
                if (count != 0) {
                    container.writeUInt64NoTag(count);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the container and appends it to the summary. */
    public void endContainer() {
        try {
            container.flush();
            beginMessage(out, SummaryProto.Summary.CONTAINERS_FIELD_NUMBER, containerBytes.size());
            out.flush();
            containerBytes.writeTo(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The finished summary's bytes; a copy. */
    public byte[] finish() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return body.toByteArray();
    }

    private void writeIdentity(ContainerIdentity identity) throws IOException {
        SummaryProto.Identity message = SummaryProto.Identity.newBuilder()
                .setNamespace(identity.namespace())
                .setPod(identity.pod())
                .setPodUid(identity.podUid())
                .setContainer(identity.container())
                .setContainerId(identity.containerId())
                .setStartedUnixMillis(identity.startedUnixMillis())
                .build();
        container.writeMessage(SummaryProto.Container.IDENTITY_FIELD_NUMBER, message);
    }

    /** Counters, gauges and distributions name their series with the same two fields; sets of counters have the first. */
    private static int seriesSize(Metric metric, int label) {
        return CodedOutputStream.computeUInt32Size(SummaryProto.Counter.METRIC_FIELD_NUMBER, metric.wireNumber())
                + (label == 0
                        ? 0
                        : CodedOutputStream.computeUInt32Size(SummaryProto.Counter.LABEL_FIELD_NUMBER, label));
    }

    private void writeSeries(Metric metric, int label) throws IOException {
        container.writeUInt32(SummaryProto.Counter.METRIC_FIELD_NUMBER, metric.wireNumber());
        if (label != 0) {
            container.writeUInt32(SummaryProto.Counter.LABEL_FIELD_NUMBER, label);
        }
    }

    private static long difference(long[] now, int nowOffset, long @Nullable [] before, int beforeOffset, int index) {
        return now[nowOffset + index] - (before == null ? 0 : before[beforeOffset + index]);
    }

    private static int messageSize(int fieldNumber, int length) {
        return CodedOutputStream.computeTagSize(fieldNumber)
                + CodedOutputStream.computeUInt32SizeNoTag(length)
                + length;
    }

    private static void beginMessage(CodedOutputStream out, int fieldNumber, int length) throws IOException {
        out.writeTag(fieldNumber, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(length);
    }
}
