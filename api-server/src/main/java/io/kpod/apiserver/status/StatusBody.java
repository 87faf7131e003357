package io.kpod.apiserver.status;

import io.kpod.apiserver.status.StatusException.Cause;
import io.kpod.apiserver.status.StatusException.Details;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A meta/v1 Status in JSON. */
public final class StatusBody {
    /** Of every body that this class makes. */
    public static final String CONTENT_TYPE = "application/json";

    private static final JsonMapper JSON = JsonMapper.shared();

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
        ObjectNode body = JSON.createObjectNode();
        body.put("kind", "Status").put("apiVersion", "v1");
        ObjectNode metadata = body.putObject("metadata");
        if (next != null) {
            metadata.put("continue", next);
        }
        body.put("status", "Failure").put("message", message).put("reason", reason);
        if (details != null) {
            put(body.putObject("details"), details);
        }
        body.put("code", httpCode);
        return JSON.writeValueAsBytes(body);
    }

    private static void put(ObjectNode node, Details details) {
        putText(node, "name", details.name());
        putText(node, "group", details.group());
        putText(node, "kind", details.kind());
        if (!details.causes().isEmpty()) {
            ArrayNode causes = node.putArray("causes");
            for (Cause cause : details.causes()) {
                ObjectNode one = causes.addObject();
                putText(one, "reason", cause.reason());
                putText(one, "message", cause.message());
                putText(one, "field", cause.field());
            }
        }
        if (details.retryAfterSeconds() > 0) {
            node.put("retryAfterSeconds", details.retryAfterSeconds());
        }
    }

    private static void putText(ObjectNode node, String field, String text) {
        if (!text.isEmpty()) {
            node.put(field, text);
        }
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
