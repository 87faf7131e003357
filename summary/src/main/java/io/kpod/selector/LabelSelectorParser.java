package io.kpod.selector;

import io.kpod.selector.LabelSelectorLexer.Token;
import io.kpod.selector.LabelSelectorLexer.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Grammar and messages of apimachinery pkg/labels/selector.go. For one text. */
final class LabelSelectorParser {
    private static final String BINARY_OPERATORS = "in, notin, =, ==, !=, gt, lt";

    private final LabelSelectorLexer lexer;

    LabelSelectorParser(String text) {
        lexer = new LabelSelectorLexer(text);
    }

    LabelSelector parse() throws MalformedSelectorException {
        List<LabelRequirement> requirements = new ArrayList<>();
        while (true) {
            Token first = lexer.peekValue();
            if (first.type() == Type.END) {
                return new LabelSelector(requirements);
            }
            if (first.type() != Type.IDENTIFIER && first.type() != Type.NOT) {
                throw found(first, "!, identifier, or 'end of string'");
            }
            requirements.add(requirement());
            Token after = lexer.nextValue();
            if (after.type() == Type.END) {
                return new LabelSelector(requirements);
            }
            if (after.type() != Type.COMMA) {
                throw found(after, "',' or 'end of string'");
            }
            Token next = lexer.peekValue();
            if (next.type() != Type.IDENTIFIER && next.type() != Type.NOT) {
                throw found(next, "identifier after ','");
            }
        }
    }

    private LabelRequirement requirement() throws MalformedSelectorException {
        Token token = lexer.nextValue();
        boolean negated = token.type() == Type.NOT;
        if (negated) {
            token = lexer.nextValue();
        }
        if (token.type() != Type.IDENTIFIER) {
            throw found(token, "identifier");
        }
        String key = LabelSyntax.key(token.text());
        Type next = lexer.peekValue().type();
        if (next == Type.END || next == Type.COMMA) {
            return negated ? new LabelRequirement.Missing(key) : new LabelRequirement.Exists(key);
        }
        Token operator = lexer.nextOperator();
        return switch (operator.type()) {
            case IN -> new LabelRequirement.In(key, values(key));
            case NOT_IN -> new LabelRequirement.NotIn(key, values(key));
            case EQUALS -> new LabelRequirement.In(key, Set.of(value(key)));
            case NOT_EQUALS -> new LabelRequirement.NotIn(key, Set.of(value(key)));
            case GREATER -> new LabelRequirement.Greater(key, bound(key));
            case LESS -> new LabelRequirement.Less(key, bound(key));
            case IDENTIFIER, NOT, COMMA, OPEN, CLOSE, END, UNKNOWN -> throw found(operator, BINARY_OPERATORS);
        };
    }

    private Set<String> values(String key) throws MalformedSelectorException {
        Token open = lexer.nextValue();
        if (open.type() != Type.OPEN) {
            // this one without the comma, as in apimachinery
            throw new MalformedSelectorException(
                    "unable to parse requirement: found '" + open.text() + "' expected: '('");
        }
        Set<String> values = new TreeSet<>();
        boolean afterValue = false;
        while (true) {
            Token token = lexer.nextValue();
            switch (token.type()) {
                case IDENTIFIER -> {
                    if (afterValue) {
                        throw found(token, "',' or ')'");
                    }
                    values.add(LabelSyntax.value(key, token.text()));
                    afterValue = true;
                }
                case COMMA -> {
                    if (!afterValue) {
                        values.add("");
                    }
                    afterValue = false;
                    if (lexer.peekValue().type() == Type.CLOSE) {
                        values.add("");
                    }
                }
                case CLOSE -> {
                    if (values.isEmpty()) {
                        throw new MalformedSelectorException("unable to parse requirement: key \"" + key
                                + "\": in and notin need at least one value");
                    }
                    return values;
                }
                default -> throw found(token, "',', ')' or identifier");
            }
        }
    }

    private String value(String key) throws MalformedSelectorException {
        Type next = lexer.peekValue().type();
        if (next == Type.END || next == Type.COMMA) {
            return "";
        }
        Token token = lexer.nextValue();
        if (token.type() != Type.IDENTIFIER) {
            throw found(token, "identifier");
        }
        return LabelSyntax.value(key, token.text());
    }

    private long bound(String key) throws MalformedSelectorException {
        String value = value(key);
        if (!LabelRequirement.Numbers.isLong(value)) {
            throw new MalformedSelectorException("unable to parse requirement: key \"" + key + "\": '" + value
                    + "' is not a whole number, which > and < need");
        }
        return Long.parseLong(value);
    }

    private static MalformedSelectorException found(Token token, String expected) {
        return new MalformedSelectorException(
                "unable to parse requirement: found '" + token.text() + "', expected: " + expected);
    }
}
