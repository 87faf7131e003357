package io.kpod.apiserver.http;

import io.kpod.apiserver.status.StatusBody;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Writes the errors that Jetty raises before or beside our handlers (bad request lines, long headers) as Status bodies
 * too.
 */
final class JettyErrors extends ErrorHandler {
    private static final int RETRY_SECONDS = 1;

    private final Bounds bounds;

    JettyErrors(Bounds bounds) {
        this.bounds = bounds;
    }

    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    protected void generateResponse(
            Request request,
            Response response,
            int code,
            @Nullable String message,
            @Nullable Throwable cause,
            Callback callback) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, StatusBody.CONTENT_TYPE);
        if (code == HttpStatus.SERVICE_UNAVAILABLE_503) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, RETRY_SECONDS);
        }
        response.write(true, ByteBuffer.wrap(body(code, message)), callback);
    }

    private byte[] body(int code, @Nullable String message) {
        return StatusBody.of(
                code,
                switch (code) {
                    case 414, 431 ->
                        "request line and headers are longer than " + bounds.headerBytes() + " bytes: send less";
                    case 413 -> "request body is longer than " + bounds.bodyBytes() + " bytes: send less";
                    case 503 -> "the server is shutting down: try again";
                    default -> {
                        String phrase = HttpStatus.getMessage(code).toLowerCase(Locale.ROOT);
                        yield message == null || message.equalsIgnoreCase(phrase) ? phrase : phrase + ": " + message;
                    }
                });
    }
}
