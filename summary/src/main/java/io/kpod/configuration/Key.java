package io.kpod.configuration;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * One setting.
 *
 * @param name dotted, with the unit's meaning in {@code allowed}
 * @param defaultValue as it would be written
 * @param allowed what a value may be, for people: "a whole number of ms from 100 to 3600000"
 */
public record Key<T>(String name, String defaultValue, String allowed, String description, Parser<T> parser) {
    /** Turns a written value into its type. */
    @FunctionalInterface
    public interface Parser<T> {
        /**
         * Parses.
         *
         * @throws IllegalArgumentException if the value is not allowed; the message is not shown
         */
        T parse(String value);
    }

    public Key {
        parser.parse(defaultValue);
    }

    /** {@code kpod.push.interval} is {@code KPOD_PUSH_INTERVAL} in the environment. */
    public String environmentName() {
        return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** A whole number within bounds. */
    public static Key<Integer> integer(String name, int defaultValue, int least, int most, String description) {
        return new Key<>(
                name,
                Integer.toString(defaultValue),
                "a whole number from " + least + " to " + most,
                description,
                value -> (int) within(value, least, most));
    }

    /** A duration written as a whole number of milliseconds. */
    public static Key<Duration> millis(String name, long defaultMillis, long least, long most, String description) {
        return new Key<>(
                name,
                Long.toString(defaultMillis),
                "a whole number of ms from " + least + " to " + most,
                description,
                value -> Duration.ofMillis(within(value, least, most)));
    }

    /** A duration written as a whole number of seconds. */
    public static Key<Duration> seconds(String name, long defaultSeconds, long least, long most, String description) {
        return new Key<>(
                name,
                Long.toString(defaultSeconds),
                "a whole number of seconds from " + least + " to " + most,
                description,
                value -> Duration.ofSeconds(within(value, least, most)));
    }

    /** true or false. */
    public static Key<Boolean> flag(String name, boolean defaultValue, String description) {
        return new Key<>(name, Boolean.toString(defaultValue), "true or false", description, value -> switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException();
        });
    }

    /** Any text without control characters. */
    public static Key<String> text(String name, String defaultValue, String allowed, String description) {
        return new Key<>(name, defaultValue, allowed, description, value -> {
            if (value.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException();
            }
            return value;
        });
    }

    /** Text that matches a regular expression; empty only if that is the default. */
    public static Key<String> pattern(
            String name, String defaultValue, String regex, String allowed, String description) {
        return new Key<>(name, defaultValue, allowed, description, value -> {
            if (!(value.isEmpty() && defaultValue.isEmpty()) && !value.matches(regex)) {
                throw new IllegalArgumentException();
            }
            return value;
        });
    }

    /** An IP address as it is written, never looked up by name; empty only if that is the default. */
    public static Key<String> ipAddress(String name, String defaultValue, String description) {
        return new Key<>(name, defaultValue, "an IP address, such as 192.0.2.1 or 2001:db8::1", description, value -> {
            if (value.isEmpty() && defaultValue.isEmpty()) {
                return value;
            }
            if (!value.matches("[0-9]+([.][0-9]+){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
                throw new IllegalArgumentException();
            }
            InetAddress.ofLiteral(value);
            return value;
        });
    }

    /** A comma-separated list; empty for none. */
    public static Key<List<String>> list(String name, String defaultValue, String allowed, String description) {
        return new Key<>(
                name,
                defaultValue,
                allowed,
                description,
                value -> Arrays.stream(value.split(","))
                        .map(String::strip)
                        .filter(part -> !part.isEmpty())
                        .toList());
    }

    /** A path; empty for none. */
    public static Key<Path> path(String name, String defaultValue, String description) {
        return new Key<>(name, defaultValue, "a path", description, Path::of);
    }

    /** One of an enum's constants, written in lower case with hyphens. */
    public static <E extends Enum<E>> Key<E> choice(String name, E defaultValue, String description) {
        E[] constants = defaultValue.getDeclaringClass().getEnumConstants();
        String allowed = Arrays.stream(constants).map(Key::written).collect(Collectors.joining(", "));
        return new Key<>(
                name,
                written(defaultValue),
                "one of " + allowed,
                description,
                value -> Arrays.stream(constants)
                        .filter(constant -> written(constant).equals(value))
                        .findFirst()
                        .orElseThrow(IllegalArgumentException::new));
    }

    private static String written(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static long within(String value, long least, long most) {
        long number = Long.parseLong(value);
        if (number < least || number > most) {
            throw new IllegalArgumentException();
        }
        return number;
    }
}
