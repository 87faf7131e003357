package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.change.Revisions;
import io.kpod.apiserver.window.PodName;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.OptionalLong;

/**
 * Where a page ended; opaque to clients.
 *
 * @param revision that of the list's first page; {@link #LATEST}: whatever there is now
 * @param last the page's last object
 * @param remaining how many come after it; empty: unknown
 */
record ContinueToken(long revision, PodName last, OptionalLong remaining) {
    /** Of a list that goes on although its revision expired. */
    static final long LATEST = 0;

    private static final String VERSION = "v3";

    String encode() {
        String text = VERSION + "\n" + revision + "\n" + last.namespace() + "\n" + last.name() + "\n"
                + (remaining.isPresent() ? remaining.getAsLong() : "");
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    static ContinueToken decode(String token) {
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8).split("\n", -1);
            OptionalLong revision =
                    parts.length == 5 && parts[0].equals(VERSION) ? Revisions.parse(parts[1]) : OptionalLong.empty();
            if (revision.isPresent()) {
                OptionalLong remaining =
                        parts[4].isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(parts[4]));
                return new ContinueToken(revision.getAsLong(), new PodName(parts[2], parts[3]), remaining);
            }
        } catch (IllegalArgumentException e) {
            // said below, as for a token of another form
        }
        throw ListOptions.badRequest("continue key is not valid: it is not one that this server gave");
    }
}
