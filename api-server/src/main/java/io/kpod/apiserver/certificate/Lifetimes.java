package io.kpod.apiserver.certificate;

import java.time.Duration;

/**
 * How long certificates live, and the pace that follows from it.
 *
 * @param leaf of a serving certificate
 * @param authority of an authority that this server makes; at least four times {@code leaf}
 */
public record Lifetimes(Duration leaf, Duration authority) {
    /** Unless told. */
    public static final Lifetimes DEFAULT = new Lifetimes(Duration.ofHours(24), Duration.ofDays(365));

    /** An authority is replaced at two thirds of its life: what it signed until then ends within the last third. */
    public static final int LEAVES_IN_AUTHORITY = 4;

    private static final int LOOKS_IN_A_LEAF = 60;
    private static final Duration MOST_OFTEN = Duration.ofSeconds(1);
    private static final Duration SELDOMEST = Duration.ofSeconds(10);
    private static final int LOOKS_UNTIL_SETTLED = 3;
    private static final int RENEWED_BEFORE_END = 3;

    /** How often every replica looks at what is shared and renews what is due. */
    public Duration look() {
        Duration part = leaf.dividedBy(LOOKS_IN_A_LEAF);
        if (part.compareTo(MOST_OFTEN) < 0) {
            return MOST_OFTEN;
        }
        return part.compareTo(SELDOMEST) > 0 ? SELDOMEST : part;
    }

    /** From publishing a new authority until it signs: by then every replica and client has looked. */
    public Duration settling() {
        return look().multipliedBy(LOOKS_UNTIL_SETTLED);
    }

    /** How long a former authority stays published. */
    public Duration retired() {
        return leaf.plus(settling());
    }

    /** A leaf that has no more than this left is renewed. */
    Duration leafRenewal() {
        return leaf.dividedBy(RENEWED_BEFORE_END);
    }

    /** An authority that has no more than this left is replaced. */
    Duration authorityRenewal() {
        return authority.dividedBy(RENEWED_BEFORE_END);
    }
}
