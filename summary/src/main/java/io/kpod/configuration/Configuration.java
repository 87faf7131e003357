package io.kpod.configuration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The values of a program's keys. Later wins: default, YAML file ({@code --config=FILE} or {@code KPOD_CONFIG}),
 * environment ({@code KPOD_PUSH_INTERVAL}), command line ({@code --kpod.push.interval=5000}). What is not a key stops
 * the start.
 */
public final class Configuration {
    private static final String PREFIX = "KPOD_";
    private static final String FILE_VARIABLE = "KPOD_CONFIG";
    private static final String FILE_FLAG = "--config=";

    private record Written(String value, String from) {}

    private final Map<Key<?>, Object> values;

    private Configuration(Map<Key<?>, Object> values) {
        this.values = Map.copyOf(values);
    }

    /** The value of {@code key}, which must be one of those that were loaded. */
    @SuppressWarnings("unchecked")
    public <T> T get(Key<T> key) {
        T value = (T) values.get(key);
        if (value == null) {
            throw new IllegalArgumentException(key.name() + " is not among the loaded keys");
        }
        return value;
    }

    /**
     * Reads all sources.
     *
     * @throws ConfigurationException with every mistake of every source
     */
    public static Configuration load(Collection<Key<?>> keys, List<String> arguments, Map<String, String> environment)
            throws ConfigurationException {
        Map<String, Key<?>> byName = keys.stream().collect(Collectors.toMap(Key::name, key -> key));
        Map<String, Key<?>> byVariable = keys.stream().collect(Collectors.toMap(Key::environmentName, key -> key));
        Map<Key<?>, Written> written = new LinkedHashMap<>();
        List<String> mistakes = new ArrayList<>();

        String file = environment.get(FILE_VARIABLE);
        for (String argument : arguments) {
            if (argument.startsWith(FILE_FLAG)) {
                file = argument.substring(FILE_FLAG.length());
            }
        }
        if (file != null) {
            String path = file;
            readFile(path, mistakes).forEach((name, value) -> {
                Key<?> key = byName.get(name);
                if (key == null) {
                    mistakes.add("file " + path + ": unknown key " + name + "; --help lists the keys");
                } else {
                    written.put(key, new Written(value, "file " + path));
                }
            });
        }
        new TreeMap<>(environment).forEach((variable, value) -> {
            if (!variable.startsWith(PREFIX) || variable.equals(FILE_VARIABLE)) {
                return;
            }
            Key<?> key = byVariable.get(variable);
            if (key == null) {
                mistakes.add("environment: unknown variable " + variable + "; --help lists the keys");
            } else {
                written.put(key, new Written(value, "environment " + variable));
            }
        });
        for (String argument : arguments) {
            if (argument.startsWith(FILE_FLAG)) {
                continue;
            }
            int equals = argument.indexOf('=');
            Key<?> key = argument.startsWith("--") && equals > 0 ? byName.get(argument.substring(2, equals)) : null;
            if (key == null) {
                mistakes.add(
                        "command line: unknown argument " + argument + "; write --KEY=VALUE, --help lists the keys");
            } else {
                written.put(key, new Written(argument.substring(equals + 1), "command line"));
            }
        }

        Map<Key<?>, Object> values = new HashMap<>();
        for (Key<?> key : keys) {
            Written one = written.getOrDefault(key, new Written(key.defaultValue(), "default"));
            try {
                values.put(key, key.parser().parse(one.value()));
            } catch (IllegalArgumentException e) {
                mistakes.add(key.name() + ": \"" + one.value() + "\" (" + one.from() + ") is not " + key.allowed());
            }
        }
        if (!mistakes.isEmpty()) {
            throw new ConfigurationException(mistakes);
        }
        return new Configuration(values);
    }

    /** One line a key, for {@code --help}. */
    public static String help(Collection<Key<?>> keys) {
        return keys.stream()
                .map(key -> "--%s=%s%n      %s (%s; %s)%n"
                        .formatted(
                                key.name(),
                                key.defaultValue(),
                                key.description(),
                                key.allowed(),
                                key.environmentName()))
                .collect(Collectors.joining());
    }

    private static Map<String, String> readFile(String file, List<String> mistakes) {
        Map<String, String> flat = new TreeMap<>();
        try {
            Object root = new Load(LoadSettings.builder().setLabel(file).build())
                    .loadFromString(Files.readString(Path.of(file)));
            if (root instanceof Map<?, ?> map) {
                flatten("", map, flat);
            } else if (root != null) {
                mistakes.add("file " + file + ": not a YAML mapping of keys to values");
            }
        } catch (IOException e) {
            mistakes.add("file " + file + ": cannot be read: " + e);
        } catch (YamlEngineException e) {
            mistakes.add("file " + file + ": not YAML: " + e.getMessage().replaceAll("\\s+", " "));
        }
        return flat;
    }

    private static void flatten(String prefix, Map<?, ?> map, Map<String, String> into) {
        map.forEach((name, value) -> {
            String key = prefix.isEmpty() ? String.valueOf(name) : prefix + "." + name;
            if (value instanceof Map<?, ?> inner) {
                flatten(key, inner, into);
            } else {
                into.put(key, text(value));
            }
        });
    }

    private static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case List<?> list -> list.stream().map(Configuration::text).collect(Collectors.joining(","));
            default -> value.toString();
        };
    }
}
