package io.kpod.apiserver.custommetrics;

import java.util.Locale;

/** The versions of the group, the preferred one first. */
enum GroupVersion {
    V1BETA2,
    V1BETA1;

    /** {@code v1beta2}. */
    String version() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@code custom.metrics.k8s.io/v1beta2}. */
    String groupVersion() {
        return CustomMetrics.GROUP + "/" + version();
    }
}
