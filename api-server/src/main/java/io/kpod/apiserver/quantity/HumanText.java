package io.kpod.apiserver.quantity;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them in a table: three digits at most, a unit they know. */
public final class HumanText {
    private static final String[] SMALL_SECONDS = {"s", "ms", "µs", "ns"};
    private static final String[] BYTES = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};
    private static final String[] LARGE_COUNTS = {"", "k", "M", "G", "T", "P"};

    private HumanText() {}

    /** {@code 930µs}, {@code 4.2ms}, {@code 1.5s}, {@code 0s}. */
    public static String seconds(Quantity quantity) {
        double rest = quantity.toDouble();
        int unit = 0;
        while (unit < SMALL_SECONDS.length - 1 && rest != 0 && Math.rint(Math.abs(rest) * 1000) < 1000) {
            rest *= 1000;
            unit++;
        }
        return threeDigits(rest) + SMALL_SECONDS[unit];
    }

    /** {@code 0}, {@code 0.2}, {@code 304}, {@code 1.2k}, {@code 3.4M}. */
    public static String number(Quantity quantity) {
        return scaled(quantity, 1000, LARGE_COUNTS);
    }

    /** {@code 0}, {@code 512}, {@code 1.2Mi}, {@code 10Gi}. */
    public static String bytes(Quantity quantity) {
        return scaled(quantity, 1024, BYTES);
    }

    /** A part of one: {@code 0%}, {@code 0.3%}, {@code 42%}. */
    public static String percent(Quantity quantity) {
        return threeDigits(quantity.toDouble() * 100) + "%";
    }

    /**
     * As kubectl shows ages (apimachinery duration.HumanDuration), for what is seconds to hours old: {@code 3s},
     * {@code 4m10s}.
     */
    public static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        long minutes = seconds / 60;
        if (minutes < 10) {
            return seconds % 60 == 0 ? minutes + "m" : minutes + "m" + seconds % 60 + "s";
        }
        if (minutes < 180) {
            return minutes + "m";
        }
        return minutes / 60 + "h";
    }

    private static String scaled(Quantity quantity, int step, String[] units) {
        double rest = quantity.toDouble();
        int unit = 0;
        while (unit < units.length - 1 && rounded(rest) >= step) {
            rest /= step;
            unit++;
        }
        return threeDigits(rest) + units[unit];
    }

    /**
     * What {@link #threeDigits} will show, as a number: decides on the unit, so that 999.96 becomes 1k and not 1000.
     */
    private static double rounded(double value) {
        double magnitude = Math.abs(value);
        double step = magnitude < 9.95 ? 10 : 1;
        return Math.rint(magnitude * step) / step;
    }

    private static String threeDigits(double value) {
        double rounded = Math.copySign(rounded(value), value);
        if (rounded == Math.rint(rounded)) {
            return Long.toString((long) rounded);
        }
        return String.format(Locale.ROOT, "%.1f", rounded);
    }
}
