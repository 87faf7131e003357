package io.kpod.apiserver.ingest;

import io.kpod.apiserver.authn.BearerAuthenticator;
import io.kpod.apiserver.authn.Credentials;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.status.StatusException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Stand-alone: whoever can read the server's {@code agent-token} file may push. */
public final class SharedTokenAuthenticator implements AgentAuthenticator {
    private final byte[] token;

    public SharedTokenAuthenticator(String token) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Agent authenticate(Credentials credentials) {
        byte[] shown = BearerAuthenticator.token(credentials)
                .orElseThrow(
                        () -> new StatusException(
                                Reason.UNAUTHORIZED,
                                "Unauthorized: no bearer token; send \"Authorization: Bearer\" with what the state directory's agent-token holds"))
                .getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(token, shown)) {
            throw new StatusException(
                    Reason.UNAUTHORIZED,
                    "Unauthorized: the bearer token is not this server's; read the state directory's agent-token again");
        }
        return new Agent.Trusted();
    }
}
