package io.kpod.apiserver.openapi;

import java.util.List;

/** The answers that are no 200, each a Status. */
enum Refusal {
    BAD_REQUEST(400, "The path or a parameter can't be read; the message names it and says what is allowed."),
    UNAUTHORIZED(401, "Credentials were shown that prove nothing."),
    FORBIDDEN(403, "The caller may not do this, or has shown no credentials."),
    NOT_FOUND(404, "There is none; the message and details.causes say why."),
    NOT_ACCEPTABLE(406, "None of the accepted media types is served."),
    EXPIRED(410, "The continue token or resourceVersion is too old: list anew."),
    BODY_TOO_LARGE(413, "The request's body is larger than is taken."),
    URI_TOO_LONG(414, "The request's line is longer than is taken."),
    INVALID(422, "List options that don't go together; details.causes name them."),
    TOO_MANY_REQUESTS(429, "Too many requests or watches at once: try again after Retry-After."),
    HEADERS_TOO_LARGE(431, "The request's headers are longer than is taken."),
    UNAVAILABLE(503, "The server is shutting down, or can't ask who the caller is and what they may do: try again."),
    TIMEOUT(504, "The resourceVersion is of a time that has not come here: try again.");

    /** Of every operation. */
    static final List<Refusal> ALWAYS = List.of(
            BAD_REQUEST,
            UNAUTHORIZED,
            FORBIDDEN,
            NOT_ACCEPTABLE,
            BODY_TOO_LARGE,
            URI_TOO_LONG,
            TOO_MANY_REQUESTS,
            HEADERS_TOO_LARGE,
            UNAVAILABLE);

    private final int code;
    private final String description;

    Refusal(int code, String description) {
        this.code = code;
        this.description = description;
    }

    /** Of HTTP. */
    String code() {
        return Integer.toString(code);
    }

    String description() {
        return description;
    }

    /** Whether the answer says after how long to try again. */
    boolean hasRetryAfter() {
        return this == TOO_MANY_REQUESTS;
    }
}
