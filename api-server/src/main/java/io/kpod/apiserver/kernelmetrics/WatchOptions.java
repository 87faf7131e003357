package io.kpod.apiserver.kernelmetrics;

import io.javalin.http.Context;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How a watch begins and ends.
 *
 * @param initialEvents whether it begins with all objects that there are
 * @param from where it begins otherwise; empty or 0: now
 * @param bookmarks whether the client takes them
 * @param length after which it ends
 */
record WatchOptions(boolean initialEvents, String from, boolean bookmarks, Duration length) {
    /** As a kube-apiserver's --min-request-timeout: from it to twice as long, so that not all begin anew at once. */
    private static final long USUAL_SECONDS = 1800;

    private static final long LONGEST_SECONDS = 2 * USUAL_SECONDS;

    static WatchOptions of(Context context, ListOptions options) {
        boolean nowhere = options.revision().isEmpty() || options.revision().equals("0");
        long seconds = ListOptions.wholeNumber(context, "timeoutSeconds", 0);
        return new WatchOptions(
                options.initialEvents().orElse(nowhere),
                nowhere ? "" : options.revision(),
                ListOptions.isTrue(context, "allowWatchBookmarks"),
                Duration.ofSeconds(
                        seconds == 0
                                ? ThreadLocalRandom.current().nextLong(USUAL_SECONDS, LONGEST_SECONDS)
                                : Math.min(seconds, LONGEST_SECONDS)));
    }
}
