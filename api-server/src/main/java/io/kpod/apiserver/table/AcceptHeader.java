package io.kpod.apiserver.table;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client takes, best first: by {@code q}, then as written.
 *
 * @param clauses empty if it said nothing, which means anything
 */
public record AcceptHeader(List<Clause> clauses) {
    private static final int MAX_CLAUSES = 32;

    /**
     * One media range with its parameters.
     *
     * @param parameters names in lower case; {@code q} is not among them
     */
    public record Clause(String type, Map<String, String> parameters, double q) {
        public Clause {
            parameters = Map.copyOf(parameters);
        }

        /** Whether JSON is within the range. */
        public boolean takesJson() {
            return type.equals("application/json") || type.equals("application/*") || type.equals("*/*");
        }

        /** Whether it names YAML. */
        public boolean takesYaml() {
            return type.equals("application/yaml");
        }

        /** The value of a parameter; empty if it is missing. */
        public String parameter(String name) {
            return parameters.getOrDefault(name, "");
        }
    }

    public AcceptHeader {
        clauses = List.copyOf(clauses);
    }

    /** Reads a header's value; null if the request had none. Clauses that can't be read are passed over. */
    public static AcceptHeader parse(@Nullable String value) {
        List<Clause> clauses = new ArrayList<>();
        if (value != null) {
            for (String part : value.split(",", MAX_CLAUSES + 1)) {
                if (clauses.size() < MAX_CLAUSES && !part.isBlank()) {
                    clauses.add(clause(part));
                }
            }
        }
        clauses.sort(Comparator.comparingDouble(Clause::q).reversed());
        return new AcceptHeader(clauses);
    }

    private static Clause clause(String text) {
        String[] parts = text.split(";", -1);
        Map<String, String> parameters = new HashMap<>();
        double q = 1;
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            if (equals > 0) {
                String name = parts[i].substring(0, equals).strip().toLowerCase(Locale.ROOT);
                String value = parts[i].substring(equals + 1).strip();
                if (name.equals("q")) {
                    q = quality(value);
                } else {
                    parameters.put(name, value);
                }
            }
        }
        return new Clause(parts[0].strip().toLowerCase(Locale.ROOT), parameters, q);
    }

    private static double quality(String value) {
        try {
            return Math.clamp(Double.parseDouble(value), 0, 1);
        } catch (NumberFormatException e) {
            return 1;
        }
    }
}
