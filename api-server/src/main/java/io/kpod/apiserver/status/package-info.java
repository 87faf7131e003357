/** Kubernetes meta/v1 Status: the body of every error. */
@NullMarked
package io.kpod.apiserver.status;

import org.jspecify.annotations.NullMarked;
