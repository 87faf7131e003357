package io.kpod.apiserver.query;

import io.kpod.apiserver.selector.GoDuration;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The window that a question may ask for: from {@link #SHORTEST} to the retention, {@link #DEFAULT} if it asks for
 * none.
 */
public record WindowLength(Duration longest) {
    /** One push. */
    public static final Duration SHORTEST = Duration.ofSeconds(5);

    /** A minute. */
    public static final Duration DEFAULT = Duration.ofSeconds(60);

    /** The window that {@code text} asks for, null for the default; empty if it can't be. */
    public Optional<Duration> parse(@Nullable String text) {
        if (text == null) {
            return Optional.of(DEFAULT);
        }
        return GoDuration.parse(text)
                .filter(window -> window.compareTo(SHORTEST) >= 0 && window.compareTo(longest) <= 0);
    }

    /** What is wrong with a window that {@link #parse} refused. */
    public String complaint(String text) {
        return "window \"" + text + "\" is not a duration from " + GoDuration.format(SHORTEST) + " to "
                + GoDuration.format(longest) + ", such as 30s or 1m30s";
    }
}
