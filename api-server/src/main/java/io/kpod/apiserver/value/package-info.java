/** One number of one pod or of many, as custom.metrics.k8s.io and external.metrics.k8s.io give it. */
@NullMarked
package io.kpod.apiserver.value;

import org.jspecify.annotations.NullMarked;
