package io.kpod.apiserver.custommetrics;

import io.kpod.apiserver.query.Absence;
import io.kpod.apiserver.status.StatusException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The 404 in the words of every custom metrics API (custom-metrics-apiserver pkg/provider/errors.go), and why.
 *
 * @param selector the metricLabelSelector as it was written; null or empty: there was none
 */
record MetricNotFound(
        String metric,
        String resource,
        String name,
        @Nullable String selector) {
    static final Absence UNKNOWN = new Absence(
            Absence.Reason.UNKNOWN_METRIC,
            "there is none of that name; kubectl get --raw /apis/" + CustomMetrics.GROUP + "/v1beta2 lists them");

    StatusException because(Absence absence) {
        String message = "the server could not find the metric " + metric + " for " + resource
                + (name.equals(DescribedValues.EVERY) ? "" : " " + name)
                + (selector == null || selector.isEmpty() ? "" : " with selector " + selector)
                + ": " + absence.message();
        return new StatusException(
                StatusException.Reason.NOT_FOUND,
                message,
                new StatusException.Details(CustomMetrics.GROUP, resource, name, List.of(absence.cause()), 0));
    }
}
