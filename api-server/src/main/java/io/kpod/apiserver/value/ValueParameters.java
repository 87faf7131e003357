package io.kpod.apiserver.value;

import io.kpod.apiserver.openapi.Parameter;
import io.kpod.summary.Catalogue;
import io.kpod.summary.ServedMetric;

/** What paths of numbers share in the OpenAPI documents. */
public final class ValueParameters {
    /** The metric, of those that kpod has. */
    public static final Parameter METRIC = Parameter.inPath("metric", "The metric.")
            .oneOf(Catalogue.SERVED_METRICS.stream().map(ServedMetric::name).toList());

    private ValueParameters() {}
}
