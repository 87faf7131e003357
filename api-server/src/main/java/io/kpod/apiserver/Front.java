package io.kpod.apiserver;

import io.kpod.apiserver.authn.Authentication;
import io.kpod.apiserver.authz.Authorization;
import io.kpod.apiserver.certificate.ServerCertificate;
import io.kpod.apiserver.health.HealthCheck;
import io.kpod.apiserver.ingest.AgentAuthenticator;
import io.kpod.apiserver.openapi.Ownership;
import io.kpod.apiserver.value.UnknownMetrics;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;

/**
 * What stands before the API: who is let in and what proves this server. One for a cluster, one for a machine alone.
 */
interface Front extends AutoCloseable {
    Authentication authentication();

    Authorization authorization();

    AgentAuthenticator agents();

    ServerCertificate certificate();

    /** Authorities that clients are told of at the handshake. */
    List<X509Certificate> advertisedAuthorities();

    List<HealthCheck> checks();

    /** Who answers for metrics of a group that kpod does not have. */
    UnknownMetrics unknownMetrics(String group);

    /** Which groups come to this server. */
    Ownership ownership();

    /** Called once the ports are open. */
    void opened(int port) throws IOException;

    /** How often {@link #refresh} is to be called. */
    Duration look();

    /** Called every {@link #look}, by one thread. */
    void refresh();

    @Override
    void close();
}
