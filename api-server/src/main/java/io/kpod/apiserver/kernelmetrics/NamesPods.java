package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.authn.User;

/** Whom the pods of a namespace may be named to. */
@FunctionalInterface
public interface NamesPods {
    /**
     * Whether the user may get the kernel metrics of all pods of the namespace.
     *
     * @throws io.kpod.apiserver.status.StatusException 503 if that can't be told now
     */
    boolean to(User user, String namespace);
}
