/**
 * The one histogram of kpod: the same buckets in the kernel, on the wire, in the store, in the API and in Prometheus.
 */
@NullMarked
package io.kpod.summary.histogram;

import org.jspecify.annotations.NullMarked;
