package io.kpod.apiserver.quantity;

import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * A number as Kubernetes writes it (apimachinery resource.Quantity): {@code 1500m}, {@code 930u}, {@code 12k}, and
 * sizes in memory and on disk {@code 181Mi}.
 *
 * <p>The canonical form has no fraction and the largest suffix that leaves a whole mantissa. The smallest unit is the
 * nano: what lies between two nanos is rounded to the nearer one (parsers of Kubernetes would round a longer fraction
 * up).
 *
 * @param value in base units, with at most nine digits after the point
 */
public record Quantity(BigDecimal value, Format format) {
    /** Which suffixes it is written with. */
    public enum Format {
        /** Powers of ten. */
        DECIMAL_SI,
        /** Powers of 1024; for what is below 1024 or no whole number, those of ten. */
        BINARY_SI
    }

    private static final int NANO = -9;
    private static final int EXA = 18;
    /** From nano to exa, three powers of ten apart. */
    private static final String[] SUFFIXES = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};

    private static final String[] BINARY_SUFFIXES = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

    private static final double[] POWERS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    private static final double LARGEST_SURE = 1L << 43;
    private static final double HALF = 0.5;
    private static final double UNSURE = 0.01;

    private static final BigInteger THOUSAND = BigInteger.valueOf(1000);

    public Quantity {
        value = value.setScale(-NANO, RoundingMode.HALF_EVEN);
    }

    /** In {@link Format#DECIMAL_SI}. */
    public Quantity(BigDecimal value) {
        this(value, Format.DECIMAL_SI);
    }

    /** A whole number of base units. */
    public static Quantity of(long units) {
        return new Quantity(BigDecimal.valueOf(units));
    }

    /**
     * A measured number, to the nano.
     *
     * @throws IllegalArgumentException if it is infinite or no number, which a Quantity can't say: leave such a value
     * out
     */
    public static Quantity of(double units) {
        if (!Double.isFinite(units)) {
            throw new IllegalArgumentException(units + " can't be written as a Quantity");
        }
        return new Quantity(rounded(units, -NANO));
    }

    /** Seconds, exactly. */
    public static Quantity ofNanos(long nanos) {
        return new Quantity(BigDecimal.valueOf(nanos, -NANO));
    }

    /**
     * A size, to the byte, in {@link Format#BINARY_SI}.
     *
     * @throws IllegalArgumentException if it is infinite or no number
     */
    public static Quantity ofBytes(double bytes) {
        return new Quantity(of(bytes).value.setScale(0, RoundingMode.HALF_EVEN), Format.BINARY_SI);
    }

    /**
     * A rate: to the milli from 1 on, to the micro from 0.001 on. What lies behind is noise of the clock, and people
     * read it.
     *
     * @throws IllegalArgumentException if it is infinite or no number
     */
    public static Quantity ofRate(double perSecond) {
        double magnitude = Math.abs(perSecond);
        int digits = magnitude >= 1 ? 3 : magnitude >= 0.001 ? 6 : -NANO;
        return Double.isFinite(perSecond) ? new Quantity(rounded(perSecond, digits)) : of(perSecond);
    }

    /**
     * To the nano, then to {@code digits} after the point. The exact decimal form of a double has hundreds of digits, so
     * it is made only where the product with a power of ten, which is off by less than 0.001 here, leaves it open which
     * whole number is nearer.
     */
    private static BigDecimal rounded(double units, int digits) {
        double scaled = units * POWERS[digits];
        double nearest = Math.rint(scaled);
        if (Math.abs(scaled) < LARGEST_SURE && HALF - Math.abs(scaled - nearest) > UNSURE) {
            return BigDecimal.valueOf((long) nearest, digits);
        }
        return new BigDecimal(units).setScale(-NANO, RoundingMode.HALF_EVEN).setScale(digits, RoundingMode.HALF_EVEN);
    }

    /** The number for people; may lose what a double can't hold. */
    public double toDouble() {
        return value.doubleValue();
    }

    /** The canonical form. */
    @Override
    @JsonValue
    public String toString() {
        BigInteger mantissa = value.unscaledValue();
        if (mantissa.signum() == 0) {
            return "0";
        }
        if (format == Format.BINARY_SI) {
            String binary = binary();
            if (binary != null) {
                return binary;
            }
        }
        if (mantissa.bitLength() < Long.SIZE) {
            return canonical(mantissa.longValue());
        }
        int exponent = NANO;
        while (exponent < EXA) {
            BigInteger[] parts = mantissa.divideAndRemainder(THOUSAND);
            if (parts[1].signum() != 0) {
                break;
            }
            mantissa = parts[0];
            exponent += 3;
        }
        return mantissa + suffix(exponent);
    }

    private @Nullable String binary() {
        BigDecimal whole = value.stripTrailingZeros();
        if (whole.scale() > 0 || whole.abs().compareTo(BigDecimal.valueOf(1024)) < 0 || whole.precision() > 18) {
            return null;
        }
        long mantissa = whole.longValueExact();
        int power = 0;
        while (power < BINARY_SUFFIXES.length - 1 && mantissa % 1024 == 0) {
            mantissa /= 1024;
            power++;
        }
        return mantissa + BINARY_SUFFIXES[power];
    }

    private static String canonical(long nanos) {
        long mantissa = nanos;
        int exponent = NANO;
        while (exponent < EXA && mantissa % 1000 == 0) {
            mantissa /= 1000;
            exponent += 3;
        }
        return mantissa + suffix(exponent);
    }

    private static String suffix(int exponent) {
        return SUFFIXES[(exponent - NANO) / 3];
    }
}
