package io.kpod.apiserver.http;

import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.router.EndpointNotFound;
import io.kpod.apiserver.status.StatusBody;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.status.StatusException.Details;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.io.EofException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns every exception of a handler into its Status body. */
final class StatusErrors {
    private static final Logger log = LoggerFactory.getLogger("http");

    private StatusErrors() {}

    static void install(JavalinConfig config) {
        config.http.prefer405over404 = true;
        config.routes.exception(StatusException.class, (failure, context) -> answer(context, failure));
        config.routes.exception(
                EndpointNotFound.class,
                (failure, context) -> answer(
                        context,
                        new StatusException(
                                StatusException.Reason.NOT_FOUND,
                                "the server could not find the requested resource: " + context.path()
                                        + "; / lists what there is")));
        config.routes.exception(MethodNotAllowedResponse.class, (failure, context) -> {
            String allowed = allowed(failure);
            context.header("Allow", allowed);
            answer(
                    context,
                    new StatusException(
                            StatusException.Reason.METHOD_NOT_ALLOWED,
                            "the server does not allow method " + context.method() + " on " + context.path()
                                    + "; allowed: " + allowed));
        });
        config.routes.exception(HttpResponseException.class, (failure, context) -> {
            context.status(failure.getStatus()).contentType(StatusBody.CONTENT_TYPE);
            context.result(StatusBody.of(failure.getStatus(), Objects.requireNonNullElse(failure.getMessage(), "")));
        });
        config.routes.exception(Exception.class, (failure, context) -> unexpected(context, failure));
        config.router.javaLangErrorHandler((response, error) -> {
            log.error("a request failed", error);
            try {
                response.setStatus(500);
                response.setContentType(StatusBody.CONTENT_TYPE);
                response.getOutputStream().write(StatusBody.of(500, "internal error; the server's log says more"));
            } catch (IOException | IllegalStateException e) {
                log.debug("its answer could not be written", e);
            }
        });
    }

    private static void answer(Context context, StatusException failure) {
        Details details = failure.details();
        if (details != null && details.retryAfterSeconds() > 0) {
            context.header("Retry-After", Integer.toString(details.retryAfterSeconds()));
        }
        context.status(failure.reason().httpCode())
                .contentType(StatusBody.CONTENT_TYPE)
                .result(StatusBody.of(failure));
    }

    private static void unexpected(Context context, Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof EofException || cause instanceof TimeoutException) {
                log.debug("the client of {} went, or was too slow", context.path(), failure);
                return;
            }
        }
        log.error("{} {} failed", context.method(), context.path(), failure);
        answer(
                context,
                new StatusException(
                        StatusException.Reason.INTERNAL_ERROR,
                        "internal error in " + context.path() + ": "
                                + failure.getClass().getSimpleName() + "; the server's log says more"));
    }

    private static String allowed(MethodNotAllowedResponse failure) {
        return failure.getDetails().values().stream()
                .flatMap(list -> Stream.of(list.split(",")))
                .map(String::strip)
                .filter(method -> !method.isEmpty())
                .collect(Collectors.joining(", "));
    }
}
