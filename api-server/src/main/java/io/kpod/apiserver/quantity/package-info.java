/** Kubernetes resource.Quantity: how every number of the API is written, and how people read it in tables. */
@NullMarked
package io.kpod.apiserver.quantity;

import org.jspecify.annotations.NullMarked;
