/** The group external.metrics.k8s.io: one number of a set of pods, so that one workload can scale on another. */
@NullMarked
package io.kpod.apiserver.externalmetrics;

import org.jspecify.annotations.NullMarked;
