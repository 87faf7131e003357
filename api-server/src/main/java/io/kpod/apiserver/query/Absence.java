package io.kpod.apiserver.query;

import io.kpod.apiserver.status.StatusException;
import java.util.List;

/**
 * Why there is nothing to say about a pod.
 *
 * @param reason in CamelCase, for programs
 * @param message for people
 */
public record Absence(String reason, String message) {
    /** The 404 that says why. */
    public StatusException notFound(String group, String resource, String name) {
        return new StatusException(
                StatusException.Reason.NOT_FOUND,
                resource + "." + group + " \"" + name + "\" not found: " + message,
                new StatusException.Details(
                        group, resource, name, List.of(new StatusException.Cause(reason, message, "")), 0));
    }
}
