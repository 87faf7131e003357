/** Another adapter of a metrics group, to which requests for metrics that kpod does not have are passed on. */
@NullMarked
package io.kpod.apiserver.passthrough;

import org.jspecify.annotations.NullMarked;
