package io.kpod.apiserver.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NodeRateLimitTest {
    @Test
    void eachNodeHasABurstAndThenARate() {
        AtomicLong nanos = new AtomicLong();
        NodeRateLimit limit = new NodeRateLimit(2, 5, nanos::get);
        assertThat(IntStream.range(0, 10).filter(i -> limit.tryTake("a")).count())
                .isEqualTo(5);
        assertThat(limit.tryTake("b")).isTrue();
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(IntStream.range(0, 10).filter(i -> limit.tryTake("a")).count())
                .isEqualTo(2);
        nanos.addAndGet(Duration.ofSeconds(60).toNanos());
        assertThat(IntStream.range(0, 10).filter(i -> limit.tryTake("a")).count())
                .isEqualTo(5);
    }
}
