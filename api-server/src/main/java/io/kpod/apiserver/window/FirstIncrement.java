package io.kpod.apiserver.window;

import io.kpod.summary.wire.ContainerIdentity;
import io.kpod.summary.wire.SummaryHeader;
import java.time.Duration;
import java.time.Instant;

/**
 * What the increments of a container are over when it is mentioned for the first time: an agent mentions it once it
 * knows the name, which may be some intervals after its birth. Only the agent's wall clock tells; whatever that says,
 * the time is at least the interval, at most {@link #LONGEST} or the interval, and no longer than the agent's session
 * has lasted, which its monotonic clock tells.
 *
 * @param nanos how far back they reach
 * @param ofWindow false: over a longer time, so that they are no increments of the window but go to the totals alone
 */
record FirstIncrement(long nanos, boolean ofWindow) {
    /** The longest time that is taken for an increment, unless the interval itself is longer. */
    static final Duration LONGEST = Duration.ofSeconds(30);

    static FirstIncrement of(SummaryHeader header, ContainerIdentity identity, long intervalNanos) {
        Instant now = Instant.ofEpochMilli(header.timestampUnixMillis());
        Duration interval = Duration.ofNanos(intervalNanos);
        Duration age = Duration.between(Instant.ofEpochMilli(identity.startedUnixMillis()), now);
        Duration session = Duration.ofNanos(header.elapsedNanos());
        if (age.compareTo(session) > 0) {
            age = session;
        }
        Duration longest = longer(interval, LONGEST);
        return age.compareTo(longest) > 0
                ? new FirstIncrement(0, false)
                : new FirstIncrement(longer(interval, age).toNanos(), true);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
