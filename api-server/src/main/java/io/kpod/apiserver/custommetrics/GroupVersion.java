package io.kpod.apiserver.custommetrics;

import java.util.Locale;

/** The versions of the group, the preferred one first. */
enum GroupVersion {
    V1BETA2(MetricValueList.V1beta2.class),
    V1BETA1(MetricValueList.V1beta1.class);

    private final Class<? extends Record> item;

    GroupVersion(Class<? extends Record> item) {
        this.item = item;
    }

    /** What a number is in it. */
    Class<? extends Record> item() {
        return item;
    }

    /** {@code v1beta2}. */
    String version() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@code custom.metrics.k8s.io/v1beta2}. */
    String groupVersion() {
        return CustomMetrics.GROUP + "/" + version();
    }
}
