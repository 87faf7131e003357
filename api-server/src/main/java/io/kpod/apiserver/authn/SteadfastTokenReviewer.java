package io.kpod.apiserver.authn;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keeps to the last good verdict on a token while nobody can be asked: agents go on when the kube-apiserver is away. A
 * verdict that can be had always counts. After a failure known tokens are not asked about for a while, so that they
 * need not wait for the next one. Thread-safe.
 */
public final class SteadfastTokenReviewer implements TokenReviewer {
    private final TokenReviewer reviewer;
    private final Duration pause;
    private final Ticker ticker;
    private final Cache<TokenKey, Verdict.Valid> lastGood;
    private volatile long awayUntil;

    /**
     * Makes one.
     *
     * @param kept how long a good verdict serves after it was last given
     * @param pause how long after a failure nobody is asked about known tokens
     */
    public SteadfastTokenReviewer(TokenReviewer reviewer, Duration kept, Duration pause, int maxTokens, Ticker ticker) {
        this.reviewer = reviewer;
        this.pause = pause;
        this.ticker = ticker;
        this.awayUntil = ticker.read();
        this.lastGood = Caffeine.newBuilder()
                .maximumSize(maxTokens)
                .expireAfterWrite(kept)
                .ticker(ticker)
                .build();
    }

    @Override
    public CompletableFuture<Verdict> review(String token, List<String> audiences) {
        TokenKey key = TokenKey.of(token, audiences);
        Verdict.Valid known = lastGood.getIfPresent(key);
        if (known != null && ticker.read() - awayUntil < 0) {
            return CompletableFuture.completedFuture(known);
        }
        return reviewer.review(token, audiences)
                .whenComplete((verdict, failure) -> note(key, verdict))
                .exceptionallyCompose(failure -> known == null
                        ? CompletableFuture.failedFuture(failure)
                        : CompletableFuture.completedFuture(known));
    }

    private void note(TokenKey key, @Nullable Verdict verdict) {
        switch (verdict) {
            case null -> awayUntil = ticker.read() + pause.toNanos();
            case Verdict.Valid valid -> lastGood.put(key, valid);
            case Verdict.Invalid invalid -> lastGood.invalidate(key);
        }
    }
}
