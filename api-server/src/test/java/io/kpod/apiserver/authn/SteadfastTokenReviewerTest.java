package io.kpod.apiserver.authn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kpod.apiserver.authn.TokenReviewer.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SteadfastTokenReviewerTest {
    private static final Verdict VALID = new Verdict.Valid(new User("u", "", List.of(), Map.of()));
    private static final Verdict INVALID = new Verdict.Invalid("no");
    private static final CompletableFuture<Verdict> AWAY =
            CompletableFuture.failedFuture(new IllegalStateException("away"));

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicReference<CompletableFuture<Verdict>> answer = new AtomicReference<>();
    private final TokenReviewer reviewer = new SteadfastTokenReviewer(
            (token, audiences) -> {
                asked.incrementAndGet();
                return answer.get();
            },
            Duration.ofMinutes(30),
            Duration.ofSeconds(10),
            100,
            nanos::get);

    @Test
    void aKnownTokenServesWhileNobodyCanBeAsked() {
        answer.set(CompletableFuture.completedFuture(VALID));
        assertThat(review("t")).isEqualTo(VALID);
        answer.set(AWAY);
        assertThat(review("t")).isEqualTo(VALID);
        assertThat(review("t")).isEqualTo(VALID);
        assertThat(asked).as("asked once more, then paused").hasValue(2);
        nanos.addAndGet(Duration.ofSeconds(11).toNanos());
        answer.set(CompletableFuture.completedFuture(INVALID));
        assertThat(review("t")).isEqualTo(INVALID);
        answer.set(AWAY);
        assertThatThrownBy(() -> review("t")).hasMessageContaining("away");
    }

    @Test
    void anUnknownTokenDoesNot() {
        answer.set(AWAY);
        assertThatThrownBy(() -> review("t")).hasMessageContaining("away");
        answer.set(CompletableFuture.completedFuture(VALID));
        assertThat(review("t")).isEqualTo(VALID);
    }

    @Test
    void notForEver() {
        answer.set(CompletableFuture.completedFuture(VALID));
        assertThat(review("t")).isEqualTo(VALID);
        answer.set(AWAY);
        nanos.addAndGet(Duration.ofMinutes(31).toNanos());
        assertThatThrownBy(() -> review("t")).hasMessageContaining("away");
    }

    private Verdict review(String token) {
        return reviewer.review(token, List.of()).join();
    }
}
