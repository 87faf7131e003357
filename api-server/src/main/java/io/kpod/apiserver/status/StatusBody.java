package io.kpod.apiserver.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.kpod.apiserver.status.StatusException.Details;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** A meta/v1 Status in JSON. */
public final class StatusBody {
    /** Of every body that this class makes. */
    public static final String CONTENT_TYPE = "application/json";

    private static final JsonMapper JSON = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .build();

    private StatusBody() {}

    /** The body that {@code exception} asks for. */
    public static byte[] of(StatusException exception) {
        return of(
                exception.reason().httpCode(),
                exception.reason().kubernetesName(),
                exception.getMessage(),
                exception.details(),
                exception.next());
    }

    /** The body of an error that HTTP itself raised; reason and code are those of apimachinery where it has them. */
    public static byte[] of(int httpCode, String message) {
        return of(httpCode, reasonOf(httpCode), message, null, null);
    }

    private static byte[] of(
            int httpCode, String reason, String message, @Nullable Details details, @Nullable String next) {
        return JSON.writeValueAsBytes(new Status(
                "Status",
                "v1",
                new Status.Metadata(next),
                "Failure",
                message,
                reason,
                details == null ? null : details(details),
                httpCode));
    }

    private static Status.Details details(Details details) {
        return new Status.Details(
                text(details.name()),
                text(details.group()),
                text(details.kind()),
                details.causes().isEmpty()
                        ? null
                        : details.causes().stream()
                                .map(cause -> new Status.Cause(
                                        text(cause.reason()), text(cause.message()), text(cause.field())))
                                .toList(),
                details.retryAfterSeconds() > 0 ? details.retryAfterSeconds() : null);
    }

    private static @Nullable String text(String text) {
        return text.isEmpty() ? null : text;
    }

    private static String reasonOf(int httpCode) {
        for (StatusException.Reason reason : StatusException.Reason.values()) {
            if (reason.httpCode() == httpCode) {
                return reason.kubernetesName();
            }
        }
        return switch (httpCode) {
            case 414 -> "RequestURITooLong";
            case 431 -> "RequestHeaderFieldsTooLarge";
            default ->
                httpCode < 500
                        ? StatusException.Reason.BAD_REQUEST.kubernetesName()
                        : String.format(Locale.ROOT, "Code%d", httpCode);
        };
    }
}
