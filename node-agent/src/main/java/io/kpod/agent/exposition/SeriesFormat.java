package io.kpod.agent.exposition;

import io.kpod.agent.container.ContainerName;
import io.kpod.summary.Metric;

/**
 * How a format writes series of containers. Each method appends to what the metric has already.
 *
 * <p>{@code common} is what {@link #labels} gave for the container, {@code own} the values of the metric's own labels as {@link
 * io.kpod.agent.snapshot.Series#labels} has them. Used by one thread at a time.
 */
sealed interface SeriesFormat permits TextFormat, ProtobufFormat {
    /** The labels that all series of a container share. */
    byte[] labels(ContainerName name, String node);

    /** A counter's value, in nanoseconds if its unit is seconds. */
    void counter(PageBuffer out, Metric metric, byte[] common, String own, long value, long startedUnixMillis);

    /** A gauge's value. */
    void gauge(PageBuffer out, Metric metric, byte[] common, String own, double value);

    /** A distribution: the flat form of a histogram in {@code values} from {@code offset} on. */
    void distribution(
            PageBuffer out,
            Metric metric,
            byte[] common,
            String own,
            long[] values,
            int offset,
            long startedUnixMillis);

    /** What stands before a metric's series, which take that many bytes. */
    void head(PageBuffer out, Metric metric, int seriesBytes);
}
