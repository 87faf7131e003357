package io.kpod.summary;

/** Base units of the catalogue. Readings of {@link #SECONDS} counters and distributions are in nanoseconds. */
public enum Unit {
    /** Things counted: switches, faults, segments. */
    NONE,
    SECONDS,
    BYTES
}
