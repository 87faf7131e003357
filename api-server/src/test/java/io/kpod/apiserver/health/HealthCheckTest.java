package io.kpod.apiserver.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthCheckTest {
    private static final HealthCheck BAD = HealthCheck.unless("nodes", () -> Optional.of("nothing heard"));

    @Test
    void aBoundThatHasNotPassedChangesNothing() {
        assertThat(BAD.atLatestAfter(Duration.ofHours(1)).state().get())
                .isEqualTo(new HealthCheck.State.Bad("nothing heard"));
    }

    @Test
    void afterItsBoundACheckIsGoodAndStillSaysWhatIsMissing() {
        assertThat(BAD.atLatestAfter(Duration.ZERO).state().get())
                .isEqualTo(new HealthCheck.State.Good("bound of 0 ms passed: nothing heard"));
    }

    @Test
    void aGoodCheckStaysWhatItIs() {
        HealthCheck good = HealthCheck.unless("nodes", Optional::empty);
        assertThat(good.atLatestAfter(Duration.ZERO).state().get()).isEqualTo(new HealthCheck.State.Good(""));
    }
}
