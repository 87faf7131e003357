package io.kpod.apiserver.ingest;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A token bucket for each node. Thread-safe. */
public final class NodeRateLimit {
    private static final int MAX_NODES = 20_000;
    private static final Duration FORGOTTEN = Duration.ofMinutes(10);

    private final double perSecond;
    private final double burst;
    private final Ticker ticker;
    private final Cache<String, Bucket> buckets;

    public NodeRateLimit(double perSecond, int burst, Ticker ticker) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.ticker = ticker;
        this.buckets = Caffeine.newBuilder()
                .maximumSize(MAX_NODES)
                .expireAfterAccess(FORGOTTEN)
                .ticker(ticker)
                .build();
    }

    /** Takes one from the node's bucket; false if it is empty. */
    public boolean tryTake(String node) {
        return buckets.get(node, key -> new Bucket(ticker.read())).tryTake();
    }

    private final class Bucket {
        private double tokens = burst;
        private long at;

        Bucket(long now) {
            this.at = now;
        }

        synchronized boolean tryTake() {
            long now = ticker.read();
            tokens = Math.min(burst, tokens + (now - at) * perSecond / TimeUnit.SECONDS.toNanos(1));
            at = now;
            if (tokens < 1) {
                return false;
            }
            tokens--;
            return true;
        }
    }
}
