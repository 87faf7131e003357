/** The group custom.metrics.k8s.io, for the HorizontalPodAutoscaler. */
@NullMarked
package io.kpod.apiserver.custommetrics;

import org.jspecify.annotations.NullMarked;
