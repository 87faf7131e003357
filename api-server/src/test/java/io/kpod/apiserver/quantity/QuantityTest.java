package io.kpod.apiserver.quantity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.RoundingMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.000000000, 0",
        "1.5, 1500m",
        "1500, 1500",
        "12000, 12k",
        "-0.25, -250m",
        "0.00093, 930u",
        "0.0000000014, 1n",
        "0.0000000026, 3n",
        "0.004, 4m",
        "1, 1",
        "1000000000000000000, 1E",
        "1000000000000000000000, 1000E",
        "9223372036854775807000, 9223372036854775807k",
        "84.2, 84200m",
    })
    void writesTheCanonicalForm(BigDecimal value, String text) {
        assertThat(new Quantity(value)).hasToString(text);
    }

    @Test
    void aMeasuredNumberIsRoundedToTheNearestNanoAndNotUp() {
        assertThat(Quantity.of(0.00093)).hasToString("930u");
        assertThat(Quantity.of(0.1 + 0.2)).hasToString("300m");
    }

    @ParameterizedTest
    @CsvSource({
        "592.700046837, 592700m",
        "0.580888644, 580889u",
        "304, 304",
        "0.0000123456, 12346n",
        "0, 0",
        "1.9999999, 2"
    })
    void aRateHasNoMoreDigitsThanItIsKnownTo(double perSecond, String text) {
        assertThat(Quantity.ofRate(perSecond)).hasToString(text);
    }

    @Test
    void whatIsNoNumberCannotBeSaid() {
        assertThatThrownBy(() -> Quantity.of(Double.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> Quantity.of(Double.POSITIVE_INFINITY)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void saysExactlyTheNumber(@ForAll @BigRange(min = "-1e24", max = "1e24") @Scale(9) BigDecimal value) {
        assertThat(parsed(new Quantity(value).toString())).isEqualByComparingTo(value);
    }

    @Property
    void hasTheLargestSuffixThatLeavesAWholeMantissa(
            @ForAll @BigRange(min = "-1e12", max = "1e12") @Scale(9) BigDecimal value) {
        String text = new Quantity(value).toString();
        assertThat(text).matches("-?(0|[1-9][0-9]*)[numkMGTPE]?");
        String mantissa = text.replaceAll("[a-zA-Z]", "");
        boolean couldGrow = mantissa.endsWith("000") && !text.endsWith("E");
        assertThat(couldGrow).as(text).isFalse();
    }

    @Property
    void aDoubleIsWithinHalfANano(@ForAll double value) {
        BigDecimal exact = new BigDecimal(Double.isFinite(value) ? value : 0);
        BigDecimal said = parsed(Quantity.of(exact.doubleValue()).toString());
        assertThat(said.subtract(exact).abs()).isLessThanOrEqualTo(new BigDecimal("5e-10"));
        assertThat(said).isEqualByComparingTo(exact.setScale(9, RoundingMode.HALF_EVEN));
    }

    /** Of all sizes, those exactly in the middle between two whole numbers of a unit among them. */
    @Property(tries = 2000)
    void whatIsMeasuredIsRoundedAsItsExactDecimalFormIs(
            @ForAll long bits, @ForAll @IntRange(min = 0, max = 45) int shift) {
        double value = (double) (bits >> 18) / (1L << shift);
        BigDecimal exact = new BigDecimal(value);
        BigDecimal nanos = exact.setScale(9, RoundingMode.HALF_EVEN);
        assertThat(parsed(Quantity.of(value).toString())).isEqualByComparingTo(nanos);
        int digits = Math.abs(value) >= 1 ? 3 : Math.abs(value) >= 0.001 ? 6 : 9;
        assertThat(parsed(Quantity.ofRate(value).toString()))
                .isEqualByComparingTo(nanos.setScale(digits, RoundingMode.HALF_EVEN));
    }

    private static BigDecimal parsed(String text) {
        int suffix = "numkMGTPE".indexOf(text.charAt(text.length() - 1));
        if (suffix < 0) {
            return new BigDecimal(text);
        }
        int[] powers = {-9, -6, -3, 3, 6, 9, 12, 15, 18};
        return new BigDecimal(text.substring(0, text.length() - 1)).scaleByPowerOfTen(powers[suffix]);
    }
}
