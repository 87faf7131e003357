package io.kpod.apiserver.authn;

import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A client certificate of the cluster's client CA: CN is the user, O are the groups (apiserver request/x509). */
public final class ClientCertificateAuthenticator implements Authenticator {
    private final Supplier<Optional<TrustedAuthorities>> clientAuthorities;
    private final InstantSource clock;

    /**
     * Makes one.
     *
     * @param clientAuthorities asked at each request; empty while they are not known
     */
    public ClientCertificateAuthenticator(
            Supplier<Optional<TrustedAuthorities>> clientAuthorities, InstantSource clock) {
        this.clientAuthorities = clientAuthorities;
        this.clock = clock;
    }

    @Override
    public Outcome authenticate(Credentials credentials) {
        List<X509Certificate> chain = credentials.certificates();
        if (chain.isEmpty()) {
            return new Outcome.Absent();
        }
        TrustedAuthorities trusted = clientAuthorities.get().orElse(null);
        if (trusted == null) {
            return new Outcome.Unavailable("the client certificate authorities are not known yet");
        }
        Optional<String> problem = trusted.problem(chain, clock.instant());
        if (problem.isPresent()) {
            return new Outcome.Refused("x509: " + problem.get());
        }
        CertificateSubject subject = CertificateSubject.of(chain.getFirst());
        return subject.commonName().isEmpty()
                ? new Outcome.Absent()
                : new Outcome.Known(new User(subject.commonName(), "", subject.organizations(), Map.of()));
    }
}
