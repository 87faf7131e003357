package io.kpod.apiserver.http;

import io.javalin.http.Context;
import io.kpod.apiserver.authn.Authentication;
import io.kpod.apiserver.authn.RequestCredentials;
import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.authz.Authorization;
import io.kpod.apiserver.authz.RequestInfo;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.status.StatusException.Reason;
import java.util.List;
import java.util.Optional;

/** What every request of the API port passes first: bounds, who, may they. */
final class RequestGate {
    private static final String AUDIT_ID = "Audit-ID";
    /** As in apiserver pkg/endpoints/request maxAuditIDLength. */
    private static final int MAX_AUDIT_ID = 64;

    private static final List<String> BOUNDED =
            List.of("labelSelector", "fieldSelector", "metricLabelSelector", "continue");
    private static final String INFO = RequestInfo.class.getName();

    private final Bounds bounds;
    private final Authentication authentication;
    private final Authorization authorization;

    RequestGate(Bounds bounds, Authentication authentication, Authorization authorization) {
        this.bounds = bounds;
        this.authentication = authentication;
        this.authorization = authorization;
    }

    /** What a request that passed asks for. */
    static Optional<RequestInfo> info(Context context) {
        return Optional.ofNullable(context.attribute(INFO));
    }

    void pass(Context context) {
        echoAuditId(context);
        checkBody(context);
        RequestInfo request = RequestInfo.of(
                context.req().getMethod(), context.req().getRequestURI(), name -> parameter(context, name));
        context.attribute(INFO, request);
        checkNames(request);
        if (Authorization.isAlwaysAllowed(request.path())) {
            User.ANONYMOUS.into(context);
            return;
        }
        User user = authentication.authenticate(new RequestCredentials(context.req()));
        user.into(context);
        BOUNDED.forEach(name -> checkLength(context, name));
        authorization.check(user, request);
    }

    private static Optional<String> parameter(Context context, String name) {
        return Optional.ofNullable(context.queryParam(name));
    }

    private static void echoAuditId(Context context) {
        String id = context.header(AUDIT_ID);
        if (id != null) {
            context.header(AUDIT_ID, id.substring(0, Math.min(id.length(), MAX_AUDIT_ID)));
        }
    }

    private void checkBody(Context context) {
        if (context.req().getContentLengthLong() > bounds.bodyBytes()) {
            throw new StatusException(
                    Reason.REQUEST_ENTITY_TOO_LARGE,
                    "request body of " + context.req().getContentLengthLong() + " bytes: at most " + bounds.bodyBytes()
                            + " are taken");
        }
    }

    private void checkNames(RequestInfo request) {
        for (String part : request.path().split("/")) {
            if (part.length() > bounds.nameLength()) {
                throw new StatusException(
                        Reason.BAD_REQUEST,
                        "a part of the path is " + part.length() + " characters long: at most " + bounds.nameLength()
                                + " are taken");
            }
        }
    }

    private void checkLength(Context context, String name) {
        parameter(context, name)
                .filter(value -> value.length() > bounds.selectorLength())
                .ifPresent(value -> {
                    throw new StatusException(
                            Reason.BAD_REQUEST,
                            name + " is " + value.length() + " characters long: at most " + bounds.selectorLength()
                                    + " are taken");
                });
    }
}
