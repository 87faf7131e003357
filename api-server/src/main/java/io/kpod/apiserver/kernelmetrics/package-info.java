/** The group kernelmetrics.kpod.io. */
@NullMarked
package io.kpod.apiserver.kernelmetrics;

import org.jspecify.annotations.NullMarked;
