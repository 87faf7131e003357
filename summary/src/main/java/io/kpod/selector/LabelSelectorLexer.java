package io.kpod.selector;

import org.jspecify.annotations.Nullable;

/** Tokens of a label selector. {@code in} and {@code notin} are operators or values, as the parser asks. */
final class LabelSelectorLexer {
    enum Type {
        IDENTIFIER,
        NOT,
        COMMA,
        OPEN,
        CLOSE,
        IN,
        NOT_IN,
        EQUALS,
        NOT_EQUALS,
        GREATER,
        LESS,
        END,
        UNKNOWN
    }

    record Token(Type type, String text) {}

    private final String text;
    private int position;
    private @Nullable Token peeked;

    LabelSelectorLexer(String text) {
        this.text = text;
    }

    /** The next token, words taken as values. */
    Token nextValue() {
        Token token = peekValue();
        peeked = null;
        return token;
    }

    /** What {@link #nextValue} will give. */
    Token peekValue() {
        if (peeked == null) {
            peeked = scan();
        }
        return peeked;
    }

    /** The next token, the words {@code in} and {@code notin} taken as operators. */
    Token nextOperator() {
        Token token = nextValue();
        return switch (token.text()) {
            case "in" -> new Token(Type.IN, token.text());
            case "notin" -> new Token(Type.NOT_IN, token.text());
            default -> token;
        };
    }

    private Token scan() {
        while (position < text.length() && isSpace(text.charAt(position))) {
            position++;
        }
        if (position == text.length()) {
            return new Token(Type.END, "");
        }
        int start = position;
        if (isSpecial(text.charAt(start))) {
            return special();
        }
        while (position < text.length() && !isSpace(text.charAt(position)) && !isSpecial(text.charAt(position))) {
            position++;
        }
        return new Token(Type.IDENTIFIER, text.substring(start, position));
    }

    private Token special() {
        if (text.startsWith("==", position)) {
            return symbol(Type.EQUALS, 2);
        }
        if (text.startsWith("!=", position)) {
            return symbol(Type.NOT_EQUALS, 2);
        }
        return switch (text.charAt(position)) {
            case '=' -> symbol(Type.EQUALS, 1);
            case '!' -> symbol(Type.NOT, 1);
            case ',' -> symbol(Type.COMMA, 1);
            case '(' -> symbol(Type.OPEN, 1);
            case ')' -> symbol(Type.CLOSE, 1);
            case '>' -> symbol(Type.GREATER, 1);
            case '<' -> symbol(Type.LESS, 1);
            default -> symbol(Type.UNKNOWN, 1);
        };
    }

    private Token symbol(Type type, int length) {
        position += length;
        return new Token(type, text.substring(position - length, position));
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    private static boolean isSpecial(char c) {
        return "=!(),><".indexOf(c) >= 0;
    }
}
