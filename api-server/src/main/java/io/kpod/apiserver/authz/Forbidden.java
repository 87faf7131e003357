package io.kpod.apiserver.authz;

import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.status.StatusException.Details;
import io.kpod.apiserver.status.StatusException.Reason;
import java.util.List;

/** The 403 in Kubernetes' words (apiserver handlers/responsewriters/errors.go). */
final class Forbidden {
    private Forbidden() {}

    static StatusException of(User user, RequestInfo request, String reason) {
        String sentence = sentence(user, request) + (reason.isEmpty() ? "" : ": " + reason);
        if (!request.isResource()) {
            return new StatusException(
                    Reason.FORBIDDEN, "forbidden: " + sentence, new Details("", "", "", List.of(), 0));
        }
        String resource = request.group().isEmpty() ? request.resource() : request.resource() + "." + request.group();
        String object = request.name().isEmpty() ? resource : resource + " \"" + request.name() + "\"";
        return new StatusException(
                Reason.FORBIDDEN,
                object + " is forbidden: " + sentence,
                new Details(request.group(), request.resource(), request.name(), List.of(), 0));
    }

    private static String sentence(User user, RequestInfo request) {
        String who = "User \"" + user.name() + "\" cannot " + request.verb();
        if (!request.isResource()) {
            return who + " path \"" + request.path() + "\"";
        }
        String resource =
                request.subresource().isEmpty() ? request.resource() : request.resource() + "/" + request.subresource();
        return who + " resource \"" + resource + "\" in API group \"" + request.group() + "\""
                + (request.namespace().isEmpty()
                        ? " at the cluster scope"
                        : " in the namespace \"" + request.namespace() + "\"");
    }
}
