package io.kpod.apiserver.doctor;

/** What one look at one thing showed. */
public sealed interface Finding {
    /** What was looked at, as people name it: {@code Service kpod/kpod-api-server}. */
    String subject();

    /** How it stands: one sentence with the value that was met. */
    String message();

    /** What to do about it; empty if there is nothing to do. */
    String wayOut();

    /** As it should be. */
    record Ok(String subject, String message) implements Finding {
        @Override
        public String wayOut() {
            return "";
        }
    }

    /** It works, but somebody will miss something. */
    record Warn(String subject, String message, String wayOut) implements Finding {}

    /** It does not work. */
    record Fail(String subject, String message, String wayOut) implements Finding {}

    /** It could not be asked, so that nothing is known. */
    record Unasked(String subject, String message, String wayOut) implements Finding {}

    /** How it is printed: OK, WARN, FAIL or SKIP. */
    default String level() {
        return switch (this) {
            case Ok ok -> "OK";
            case Warn warn -> "WARN";
            case Fail fail -> "FAIL";
            case Unasked unasked -> "SKIP";
        };
    }
}
