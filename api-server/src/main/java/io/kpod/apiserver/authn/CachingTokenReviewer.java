package io.kpod.apiserver.authn;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Remembers verdicts for a while; a token in flight is asked for once. Failures to ask are not remembered. Thread-safe;
 * no token is kept, only its SHA-256.
 */
public final class CachingTokenReviewer implements TokenReviewer {
    private final TokenReviewer reviewer;
    private final AsyncCache<TokenKey, Verdict> verdicts;

    /**
     * Makes one.
     *
     * @param validFor how long a good token is believed; also the longest time for which a withdrawn one still works
     * @param invalidFor how long a bad token is refused without asking again
     */
    public CachingTokenReviewer(
            TokenReviewer reviewer,
            Duration validFor,
            Duration invalidFor,
            int maxTokens,
            Executor executor,
            Ticker ticker) {
        this.reviewer = reviewer;
        this.verdicts = Caffeine.newBuilder()
                .maximumSize(maxTokens)
                .executor(executor)
                .ticker(ticker)
                .expireAfter(Expiry.<TokenKey, Verdict>writing((key, verdict) -> switch (verdict) {
                    case Verdict.Valid valid -> validFor;
                    case Verdict.Invalid invalid -> invalidFor;
                }))
                .buildAsync();
    }

    @Override
    public CompletableFuture<Verdict> review(String token, List<String> audiences) {
        return verdicts.get(TokenKey.of(token, audiences), (key, executor) -> reviewer.review(token, audiences));
    }
}
