package io.kpod.apiserver.window;

import io.kpod.summary.wire.ContainerIdentity;
import java.util.Optional;

/**
 * Decides whether a node may speak for a container. Asked for each identity in a summary, with no lock held: it may
 * look things up.
 */
public interface Admission {
    /** For a server without a cluster: the agent's word is all there is. */
    Admission EVERYTHING = (node, identity, ended) -> Optional.empty();

    /**
     * Why {@code node} may not speak for the container; empty if it may.
     *
     * @param ended these are the container's last words
     */
    Optional<String> refusal(String node, ContainerIdentity identity, boolean ended);
}
