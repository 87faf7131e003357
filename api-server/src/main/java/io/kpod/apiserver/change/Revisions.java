package io.kpod.apiserver.change;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Numbers changes, as {@code resourceVersion} shows them: a decimal number that rises. Its upper bits are milliseconds
 * since 2020, then comes a count within the millisecond, then a tag of this server's start. So a revision that another
 * replica gave, or this one before a restart, has a meaning here: the time up to which its holder knows everything.
 *
 * <p>Taking one is for the holder of the lock that guards what changes.
 */
public final class Revisions {
    private static final long EPOCH_MILLIS =
            Instant.parse("2020-01-01T00:00:00Z").toEpochMilli();
    private static final int COUNT_BITS = 12;
    private static final int TAG_BITS = 10;
    /** The number of tags. */
    public static final int TAGS = 1 << TAG_BITS;
    /** By how much another replica may have heard of a change later than this one, clocks included. */
    static final Duration OTHER_REPLICA_LAG = Duration.ofSeconds(15);

    private final long startMillis;
    private final long startNanos;
    private final LongSupplier nanoClock;
    private final int tag;
    private long lastTick;

    /**
     * @param wallClock read once, at the start
     * @param nanoClock monotonic
     * @param tag from 0 to {@link #TAGS} - 1, at random for each start
     */
    public Revisions(InstantSource wallClock, LongSupplier nanoClock, int tag) {
        this.startMillis = wallClock.millis() - EPOCH_MILLIS;
        this.startNanos = nanoClock.getAsLong();
        this.nanoClock = nanoClock;
        this.tag = tag;
    }

    /** Takes so many revisions that follow each other by {@link #STEP}; the first of them. */
    long take(int count) {
        long first = Math.max(lastTick + 1, nowTick());
        lastTick = first + count - 1;
        return first << TAG_BITS | tag;
    }

    /** From one revision to the next. */
    static final long STEP = TAGS;

    /** The last one that was taken. */
    long last() {
        return lastTick << TAG_BITS | tag;
    }

    /** The revision that a text says; empty if it says none. */
    public static OptionalLong parse(String text) {
        try {
            long revision = Long.parseLong(text);
            return revision < 0 ? OptionalLong.empty() : OptionalLong.of(revision);
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** Up to which revision of this server the holder of one knows everything: less, if another server gave it. */
    public long known(long revision) {
        return (revision & TAGS - 1) == tag
                ? revision
                : Math.max(0, revision - (OTHER_REPLICA_LAG.toMillis() << COUNT_BITS + TAG_BITS));
    }

    /**
     * Up to which revision of this server an object may have come that was there at one: later, if another server gave
     * it, for that one may have heard of the object first.
     */
    public long bornUntil(long revision) {
        return (revision & TAGS - 1) == tag
                ? revision
                : revision + (OTHER_REPLICA_LAG.toMillis() << COUNT_BITS + TAG_BITS);
    }

    /** Whether it is later than any that a replica can have given by now. */
    public boolean isInFuture(long revision) {
        return age(revision).plus(OTHER_REPLICA_LAG).isNegative();
    }

    /** How long ago it was given; negative: not yet. */
    public Duration age(long revision) {
        return Duration.ofMillis((nowTick() >> COUNT_BITS) - (revision >> COUNT_BITS + TAG_BITS));
    }

    private long nowTick() {
        return startMillis + (nanoClock.getAsLong() - startNanos) / 1_000_000 << COUNT_BITS;
    }
}
