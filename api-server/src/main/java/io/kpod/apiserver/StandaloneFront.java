package io.kpod.apiserver;

import io.kpod.apiserver.authn.Authentication;
import io.kpod.apiserver.authn.ClientCertificateAuthenticator;
import io.kpod.apiserver.authn.TrustedAuthorities;
import io.kpod.apiserver.authn.User;
import io.kpod.apiserver.authz.Authorization;
import io.kpod.apiserver.authz.MastersAuthorizer;
import io.kpod.apiserver.certificate.CertificateAuthority;
import io.kpod.apiserver.certificate.Lifetimes;
import io.kpod.apiserver.certificate.ServingCertificate;
import io.kpod.apiserver.certificate.StateDirectory;
import io.kpod.apiserver.health.HealthCheck;
import io.kpod.apiserver.ingest.AgentAuthenticator;
import io.kpod.apiserver.ingest.SharedTokenAuthenticator;
import io.kpod.apiserver.openapi.Ownership;
import io.kpod.apiserver.value.UnknownMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** No Kubernetes: own authority, users by its client certificates, agents by a token in a file. */
final class StandaloneFront implements Front {
    private static final String LOOPBACK = "127.0.0.1";

    private final StateDirectory directory;
    private final CertificateAuthority authority;
    private final ServingCertificate certificate;
    private final Authentication authentication;
    private final Authorization authorization = new Authorization(new MastersAuthorizer());
    private final AgentAuthenticator agents;
    private final Lifetimes lifetimes;
    private final InstantSource clock;

    StandaloneFront(ApiServerSettings settings, InstantSource clock) throws IOException {
        this.clock = clock;
        this.lifetimes = settings.lifetimes();
        this.directory = new StateDirectory(settings.stateDirectory());
        this.authority = directory.authority(clock.instant());
        InetAddress loopback = InetAddress.ofLiteral(LOOPBACK);
        InetAddress address = InetAddress.ofLiteral(settings.address());
        this.certificate = new ServingCertificate(
                () -> authority,
                List.of("localhost"),
                address.isAnyLocalAddress() || address.equals(loopback)
                        ? List.of(loopback)
                        : List.of(loopback, address),
                lifetimes,
                clock);
        TrustedAuthorities trusted = new TrustedAuthorities(List.of(authority.certificate()));
        this.authentication =
                new Authentication(List.of(new ClientCertificateAuthenticator(() -> Optional.of(trusted), clock)));
        this.agents = new SharedTokenAuthenticator(directory.agentToken());
    }

    @Override
    public Authentication authentication() {
        return authentication;
    }

    @Override
    public Authorization authorization() {
        return authorization;
    }

    @Override
    public AgentAuthenticator agents() {
        return agents;
    }

    @Override
    public ServingCertificate certificate() {
        return certificate;
    }

    @Override
    public List<X509Certificate> advertisedAuthorities() {
        return List.of(authority.certificate());
    }

    @Override
    public List<HealthCheck> checks() {
        return List.of(certificate.check());
    }

    @Override
    public UnknownMetrics unknownMetrics(String group) {
        return UnknownMetrics.NOBODY;
    }

    @Override
    public Ownership ownership() {
        return (group, version) -> true;
    }

    @Override
    public void opened(int port) throws IOException {
        directory.writeKubeconfig(authority, "https://" + LOOPBACK + ":" + port, User.MASTERS, clock.instant());
    }

    @Override
    public Duration look() {
        return lifetimes.look();
    }

    @Override
    public void refresh() {
        certificate.refresh();
    }

    @Override
    public void close() {}
}
