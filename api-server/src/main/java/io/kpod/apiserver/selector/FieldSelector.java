package io.kpod.apiserver.selector;

import io.kpod.selector.MalformedSelectorException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A field selector (apimachinery fields.Selector): terms joined by commas, all of which must hold.
 *
 * @param terms in the order in which they were written
 */
public record FieldSelector(List<Term> terms) {
    /**
     * {@code field=value}, {@code field==value} or {@code field!=value}.
     *
     * @param equal false for {@code !=}
     */
    public record Term(String field, String value, boolean equal) {}

    public FieldSelector {
        terms = List.copyOf(terms);
    }

    /**
     * Reads the form of a query string.
     *
     * @param supported the fields that can be selected by
     * @throws MalformedSelectorException if a term can't be read or its field is not supported; names the supported
     * ones
     */
    public static FieldSelector parse(String text, Collection<String> supported) throws MalformedSelectorException {
        List<Term> terms = new ArrayList<>();
        for (String part : split(text)) {
            if (!part.isEmpty()) {
                Term term = term(part, text);
                if (!supported.contains(term.field())) {
                    throw new MalformedSelectorException("field label not supported: " + term.field()
                            + "; supported are " + String.join(", ", supported));
                }
                terms.add(term);
            }
        }
        return new FieldSelector(terms);
    }

    /** Whether an object with these fields is selected; a field that is not among them counts as empty. */
    public boolean matches(Map<String, String> fields) {
        for (Term term : terms) {
            if (fields.getOrDefault(term.field(), "").equals(term.value()) != term.equal()) {
                return false;
            }
        }
        return true;
    }

    /** The one value that {@code field} must have; empty if it may have several. */
    public Optional<String> required(String field) {
        return terms.stream()
                .filter(term -> term.equal() && term.field().equals(field))
                .map(Term::value)
                .findFirst();
    }

    private static Term term(String part, String whole) throws MalformedSelectorException {
        for (int i = 0; i < part.length(); i++) {
            if (part.charAt(i) == '\\') {
                i++;
            } else if (part.startsWith("!=", i)) {
                return new Term(part.substring(0, i), unescape(part.substring(i + 2), whole), false);
            } else if (part.startsWith("==", i)) {
                return new Term(part.substring(0, i), unescape(part.substring(i + 2), whole), true);
            } else if (part.charAt(i) == '=') {
                return new Term(part.substring(0, i), unescape(part.substring(i + 1), whole), true);
            }
        }
        throw new MalformedSelectorException("invalid selector: '" + whole + "'; can't understand '" + part + "'");
    }

    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == ',') {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }

    private static String unescape(String value, String whole) throws MalformedSelectorException {
        StringBuilder plain = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '=' || c == ',') {
                throw new MalformedSelectorException(
                        "invalid selector: '" + whole + "'; '" + c + "' in a value is written '\\" + c + "'");
            }
            if (c == '\\') {
                i++;
                if (i == value.length() || "\\,=".indexOf(value.charAt(i)) < 0) {
                    throw new MalformedSelectorException(
                            "invalid selector: '" + whole + "'; only \\\\, \\, and \\= are escapes");
                }
                c = value.charAt(i);
            }
            plain.append(c);
        }
        return plain.toString();
    }
}
