package io.kpod.selector;

import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** One requirement of a label selector. */
public sealed interface LabelRequirement {
    /** The label's key. */
    String key();

    /** Whether labels fulfil it. */
    boolean matches(Map<String, String> labels);

    /** {@code key=value}, {@code key in (a,b)}: the label is there with one of the values. */
    record In(String key, Set<String> values) implements LabelRequirement {
        public In {
            values = Set.copyOf(values);
        }

        @Override
        public boolean matches(Map<String, String> labels) {
            String value = labels.get(key);
            return value != null && values.contains(value);
        }
    }

    /** {@code key!=value}, {@code key notin (a,b)}: the label is missing or has none of the values. */
    record NotIn(String key, Set<String> values) implements LabelRequirement {
        public NotIn {
            values = Set.copyOf(values);
        }

        @Override
        public boolean matches(Map<String, String> labels) {
            String value = labels.get(key);
            return value == null || !values.contains(value);
        }
    }

    /** {@code key}: the label is there. */
    record Exists(String key) implements LabelRequirement {
        @Override
        public boolean matches(Map<String, String> labels) {
            return labels.containsKey(key);
        }
    }

    /** {@code !key}: the label is missing. */
    record Missing(String key) implements LabelRequirement {
        @Override
        public boolean matches(Map<String, String> labels) {
            return !labels.containsKey(key);
        }
    }

    /** {@code key>bound}: the label is there, is a whole number and above the bound. */
    record Greater(String key, long bound) implements LabelRequirement {
        @Override
        public boolean matches(Map<String, String> labels) {
            String value = labels.get(key);
            return value != null && Numbers.isLong(value) && Long.parseLong(value) > bound;
        }
    }

    /** {@code key<bound}: the label is there, is a whole number and below the bound. */
    record Less(String key, long bound) implements LabelRequirement {
        @Override
        public boolean matches(Map<String, String> labels) {
            String value = labels.get(key);
            return value != null && Numbers.isLong(value) && Long.parseLong(value) < bound;
        }
    }

    /** Which texts are whole numbers, as Go's strconv.ParseInt takes them. */
    final class Numbers {
        private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]{1,18}");

        private Numbers() {}

        static boolean isLong(String text) {
            return WHOLE.matcher(text).matches();
        }
    }
}
