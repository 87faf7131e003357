package io.kpod.apiserver.authn;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Remembers verdicts for a while; a token in flight is asked for once. Failures to ask are not remembered. Thread-safe; no token is
 * kept, only its SHA-256.
 */
public final class CachingTokenReviewer implements TokenReviewer {
    private record TokenKey(String sha256, List<String> audiences) {}

    private final TokenReviewer reviewer;
    private final AsyncCache<TokenKey, Verdict> verdicts;

    /**
     * Makes one.
     *
     * @param validFor how long a good token is believed; also the longest time for which a withdrawn one still works
     * @param invalidFor how long a bad token is refused without asking again
     */
    public CachingTokenReviewer(
            TokenReviewer reviewer, Duration validFor, Duration invalidFor, int maxTokens, Executor executor, Ticker ticker) {
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
        return verdicts.get(new TokenKey(sha256(token), audiences), (key, executor) -> reviewer.review(token, audiences));
    }

    private static String sha256(String token) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
