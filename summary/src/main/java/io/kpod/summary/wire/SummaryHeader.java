package io.kpod.summary.wire;

/**
 * Which agent speaks, and what the values of its summary count from.
 *
 * @param session 16 random bytes, drawn at each start of the agent
 * @param sequence 1, 2, 3, ... within the session
 * @param complete values are totals since the start of each container's measurement, else increments since sequence - 1
 * @param intervalNanos monotonic time since the reading of the previous sequence
 * @param elapsedNanos monotonic time since the session's start
 * @param polledNanos the same of the last reading of the slow sources, whose counters come in lumps; 0: none yet
 */
public record SummaryHeader(
        String node,
        byte[] session,
        long sequence,
        boolean complete,
        long intervalNanos,
        long timestampUnixMillis,
        long sessionStartUnixMillis,
        long overflowedContainers,
        long elapsedNanos,
        long polledNanos) {
    /** Version of the format that this code writes and reads. */
    public static final int VERSION = 1;

    /** Length of {@link #session}. */
    public static final int SESSION_BYTES = 16;
}
