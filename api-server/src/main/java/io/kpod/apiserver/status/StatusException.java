package io.kpod.apiserver.status;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request that ends in a meta/v1 Status. One mapper turns it into the answer; nothing else writes error bodies. */
public final class StatusException extends RuntimeException {
    /** The reasons of apimachinery's metav1.StatusReason that this server uses, each with its HTTP code. */
    public enum Reason {
        BAD_REQUEST("BadRequest", 400),
        UNAUTHORIZED("Unauthorized", 401),
        FORBIDDEN("Forbidden", 403),
        NOT_FOUND("NotFound", 404),
        METHOD_NOT_ALLOWED("MethodNotAllowed", 405),
        NOT_ACCEPTABLE("NotAcceptable", 406),
        EXPIRED("Expired", 410),
        REQUEST_ENTITY_TOO_LARGE("RequestEntityTooLarge", 413),
        UNSUPPORTED_MEDIA_TYPE("UnsupportedMediaType", 415),
        INVALID("Invalid", 422),
        TOO_MANY_REQUESTS("TooManyRequests", 429),
        INTERNAL_ERROR("InternalError", 500),
        SERVICE_UNAVAILABLE("ServiceUnavailable", 503),
        TIMEOUT("Timeout", 504);

        private final String kubernetesName;
        private final int httpCode;

        Reason(String kubernetesName, int httpCode) {
            this.kubernetesName = kubernetesName;
            this.httpCode = httpCode;
        }

        public String kubernetesName() {
            return kubernetesName;
        }

        public int httpCode() {
            return httpCode;
        }
    }

    /** meta/v1 StatusCause: {@code reason} is CamelCase, {@code field} may be empty. */
    public record Cause(String reason, String message, String field) {}

    /** meta/v1 StatusDetails: what the request was about. Empty strings are left out of the body. */
    public record Details(String group, String kind, String name, List<Cause> causes, int retryAfterSeconds) {
        public Details {
            causes = List.copyOf(causes);
        }
    }

    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final transient @Nullable Details details;
    private final @Nullable String next;

    public StatusException(Reason reason, String message) {
        this(reason, message, (Details) null);
    }

    public StatusException(Reason reason, String message, @Nullable Details details) {
        super(message, null, false, false);
        this.reason = reason;
        this.details = details;
        this.next = null;
    }

    /** @param next where a list that expired can go on, if its reader bears with what changed meanwhile */
    public StatusException(Reason reason, String message, String next) {
        super(message, null, false, false);
        this.reason = reason;
        this.details = null;
        this.next = next;
    }

    /** The {@code metadata.continue} of the body. */
    public @Nullable String next() {
        return next;
    }

    public Reason reason() {
        return reason;
    }

    public @Nullable Details details() {
        return details;
    }

    /** The message, which the constructor demands. */
    @Override
    public String getMessage() {
        return java.util.Objects.requireNonNull(super.getMessage());
    }
}
