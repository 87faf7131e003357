package io.kpod.selector;

/** A selector that can't be read; the message says what was found and what was expected. */
public final class MalformedSelectorException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedSelectorException(String message) {
        super(message);
    }

    /** The message, which the constructor demands. */
    @Override
    public String getMessage() {
        return java.util.Objects.requireNonNull(super.getMessage());
    }
}
