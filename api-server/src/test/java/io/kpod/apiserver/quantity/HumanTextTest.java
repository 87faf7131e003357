package io.kpod.apiserver.quantity;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumanTextTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0s",
        "0.00093, 930µs",
        "0.0042, 4.2ms",
        "1.5, 1.5s",
        "0.9999, 1s",
        "0.000976, 976µs",
        "0.0009999, 1ms",
        "0.000000012, 12ns",
        "75, 75s",
        "0.0114, 11ms",
    })
    void secondsReadWell(BigDecimal seconds, String text) {
        assertThat(HumanText.seconds(new Quantity(seconds))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0.2, 0.2", "304.4, 304", "999.6, 1k", "1234, 1.2k", "3400000, 3.4M", "9.96, 10", "0.04, 0"})
    void numbersReadWell(BigDecimal number, String text) {
        assertThat(HumanText.number(new Quantity(number))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0s", "42, 42s", "119, 119s", "120, 2m", "250, 4m10s", "700, 11m", "11000, 3h"})
    void agesReadAsKubectlShowsThem(long seconds, String text) {
        assertThat(HumanText.age(Duration.ofSeconds(seconds))).isEqualTo(text);
    }
}
