package io.kpod.apiserver.ingest;

import io.kpod.apiserver.authn.Credentials;
import io.kpod.apiserver.status.StatusException;

/** Tells whether an agent pushes, and which. */
public interface AgentAuthenticator {
    /**
     * Tells.
     *
     * @throws StatusException 401, 403 or 503
     */
    Agent authenticate(Credentials credentials);
}
