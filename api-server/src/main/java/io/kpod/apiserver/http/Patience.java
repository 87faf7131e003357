package io.kpod.apiserver.http;

import java.time.Duration;

/**
 * How long a client may keep this server waiting, in however small steps it goes on.
 *
 * @param head from a connection's first byte to a whole request line and headers, the TLS handshake included; of later
 *     requests from their first byte
 * @param body from asking for the first byte of a request's body to its last
 * @param part for taking a part of an answer, beside the time that {@code bytesPerSecond} gives for its length
 */
public record Patience(Duration head, Duration body, Duration part, int bytesPerSecond) {
    /** An agent gives up a push after 10 s; a list comes in parts of 32 KiB. */
    public static final Patience DEFAULT =
            new Patience(Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(20), 16 << 10);

    Duration toTake(int bytes) {
        return part.plusMillis(bytes * 1000L / bytesPerSecond);
    }
}
