package io.kpod.apiserver.authn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kpod.apiserver.authn.TokenReviewer.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CachingTokenReviewerTest {
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger asked = new AtomicInteger();
    private final ConcurrentLinkedQueue<CompletableFuture<Verdict>> answers = new ConcurrentLinkedQueue<>();
    private final TokenReviewer reviewer = new CachingTokenReviewer(
            (token, audiences) -> {
                asked.incrementAndGet();
                return answers.remove();
            },
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            100,
            Runnable::run,
            nanos::get);

    private static final Verdict VALID = new Verdict.Valid(new User("u", "", List.of(), Map.of()));
    private static final Verdict INVALID = new Verdict.Invalid("no");

    @Test
    void goodTokensAreBelievedForAWhile() {
        answers.add(CompletableFuture.completedFuture(VALID));
        answers.add(CompletableFuture.completedFuture(INVALID));
        assertThat(review("t")).isEqualTo(VALID);
        nanos.addAndGet(Duration.ofMillis(9_999).toNanos());
        assertThat(review("t")).isEqualTo(VALID);
        nanos.addAndGet(Duration.ofMillis(2).toNanos());
        assertThat(review("t")).isEqualTo(INVALID);
        assertThat(asked).hasValue(2);
    }

    @Test
    void badTokensAreRefusedForAShorterWhile() {
        answers.add(CompletableFuture.completedFuture(INVALID));
        answers.add(CompletableFuture.completedFuture(VALID));
        assertThat(review("t")).isEqualTo(INVALID);
        nanos.addAndGet(Duration.ofMillis(5_001).toNanos());
        assertThat(review("t")).isEqualTo(VALID);
    }

    @Test
    void aTokenForOneAudienceIsAskedAgainForAnother() {
        answers.add(CompletableFuture.completedFuture(VALID));
        answers.add(CompletableFuture.completedFuture(INVALID));
        assertThat(reviewer.review("t", List.of("a")).join()).isEqualTo(VALID);
        assertThat(reviewer.review("t", List.of("b")).join()).isEqualTo(INVALID);
    }

    @Test
    void failuresToAskAreNotRemembered() {
        answers.add(CompletableFuture.failedFuture(new IllegalStateException("away")));
        answers.add(CompletableFuture.completedFuture(VALID));
        assertThatThrownBy(() -> review("t")).hasMessageContaining("away");
        assertThat(review("t")).isEqualTo(VALID);
    }

    @Test
    void manyRequestsWithOneTokenAskOnce() {
        CompletableFuture<Verdict> slow = new CompletableFuture<>();
        answers.add(slow);
        CompletableFuture<Verdict> first = reviewer.review("t", List.of());
        CompletableFuture<Verdict> second = reviewer.review("t", List.of());
        slow.complete(VALID);
        assertThat(first.join()).isEqualTo(VALID);
        assertThat(second.join()).isEqualTo(VALID);
        assertThat(asked).hasValue(1);
    }

    private Verdict review(String token) {
        return reviewer.review(token, List.of()).join();
    }
}
