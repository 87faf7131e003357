package io.kpod.apiserver.http;

import java.time.Duration;

/**
 * How much of anything a listener takes.
 *
 * @param headerBytes request line and headers; beyond: 431
 * @param bodyBytes beyond: 413
 * @param concurrentRequests beyond: 429; health is not counted
 * @param selectorLength of each selector and continue token; beyond: 400
 * @param nameLength of each part of a path; beyond: 400
 * @param streams open HTTP/2 streams of one connection
 * @param connections open at once; beyond, those that say nothing for a second are closed
 * @param idle connections that say nothing for so long are closed
 */
public record Bounds(
        int headerBytes,
        int bodyBytes,
        int concurrentRequests,
        int selectorLength,
        int nameLength,
        int streams,
        int connections,
        Duration idle) {
    /** For people and the control plane; the kube-apiserver's own 400 requests in flight. */
    public static final Bounds API =
            new Bounds(64 << 10, 64 << 10, 400, 8 << 10, 512, 250, 2_000, Duration.ofSeconds(120));

    /** For agents: long-lived connections, one of each node, with one request at a time. */
    public static final Bounds INGEST =
            new Bounds(16 << 10, 4 << 20, 1000, 8 << 10, 512, 16, 12_000, Duration.ofSeconds(120));
}
