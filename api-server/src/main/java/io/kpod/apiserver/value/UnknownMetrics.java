package io.kpod.apiserver.value;

import io.javalin.http.Context;

/** What becomes of a request for a metric that kpod does not have. */
@FunctionalInterface
public interface UnknownMetrics {
    /** Nobody else is asked. */
    UnknownMetrics NOBODY = context -> false;

    /**
     * Lets somebody else answer.
     *
     * @return false if there is nobody; then nothing has been answered
     * @throws io.kpod.apiserver.status.StatusException if there is somebody who does not answer
     */
    boolean answered(Context context);
}
