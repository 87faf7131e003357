package io.kpod.apiserver.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.summary.wire.ContainerIdentity;
import io.kpod.summary.wire.SummaryHeader;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FirstIncrementTest {
    private static final long NOW = 1_764_000_000_000L;
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration PUSH = Duration.ofSeconds(5);
    private static final FirstIncrement TOTALS_ALONE = new FirstIncrement(0, false);

    @Test
    void reachesBackToTheContainersStart() {
        assertThat(increment(PUSH, LONG, NOW, NOW - 12_000)).isEqualTo(over(Duration.ofSeconds(12)));
        assertThat(increment(PUSH, LONG, NOW, NOW - 1000)).isEqualTo(over(PUSH));
    }

    @Test
    void overALongTimeIsNoIncrementOfTheWindow() {
        assertThat(increment(PUSH, LONG, NOW, NOW - 30_000)).isEqualTo(over(FirstIncrement.LONGEST));
        assertThat(increment(PUSH, LONG, NOW, NOW - 30_001)).isEqualTo(TOTALS_ALONE);
    }

    @Test
    void anIntervalThatIsLongerThanTheBoundCounts() {
        Duration minute = Duration.ofMinutes(1);
        assertThat(increment(minute, LONG, NOW, NOW - 40_000)).isEqualTo(over(minute));
        assertThat(increment(minute, LONG, NOW, NOW - 70_000)).isEqualTo(TOTALS_ALONE);
    }

    @Test
    void isNoLongerThanTheSession() {
        assertThat(increment(PUSH, Duration.ofSeconds(8), NOW, NOW - 3_600_000)).isEqualTo(over(Duration.ofSeconds(8)));
    }

    @Test
    void aClockThatWasSetBackGivesTheInterval() {
        assertThat(increment(PUSH, LONG, NOW - 3_600_000, NOW - 10_000)).isEqualTo(over(PUSH));
    }

    @Test
    void aClockThatWasSetForwardGivesTotalsAloneOrTheSession() {
        assertThat(increment(PUSH, LONG, NOW + 3_600_000, NOW - 10_000)).isEqualTo(TOTALS_ALONE);
        assertThat(increment(PUSH, Duration.ofSeconds(20), NOW + 3_600_000, NOW - 10_000))
                .isEqualTo(over(Duration.ofSeconds(20)));
    }

    @ParameterizedTest
    @CsvSource({
        "9223372036854775807, -9223372036854775808",
        "-9223372036854775808, 9223372036854775807",
        "-9223372036854775808, -9223372036854775808",
        "9223372036854775807, 0",
        "0, 0",
    })
    void noTimestampMakesItOverflow(long timestamp, long started) {
        assertThat(increment(PUSH, LONG, timestamp, started)).isIn(TOTALS_ALONE, over(PUSH));
        assertThat(increment(PUSH, Duration.ofNanos(Long.MAX_VALUE), timestamp, started))
                .isIn(TOTALS_ALONE, over(PUSH));
        assertThat(increment(PUSH, Duration.ZERO, timestamp, started)).isEqualTo(over(PUSH));
    }

    private static FirstIncrement over(Duration time) {
        return new FirstIncrement(time.toNanos(), true);
    }

    private static FirstIncrement increment(Duration interval, Duration session, long timestamp, long started) {
        return FirstIncrement.of(
                new SummaryHeader(
                        "n1",
                        new byte[SummaryHeader.SESSION_BYTES],
                        2,
                        false,
                        interval.toNanos(),
                        timestamp,
                        0,
                        0,
                        session.toNanos(),
                        0),
                new ContainerIdentity("shop", "web", "u", "app", "id", started),
                interval.toNanos());
    }
}
