package io.kpod.apiserver.certificate;

import io.kpod.apiserver.health.HealthCheck;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This replica's own certificate: signed by the authority of the moment, renewed after two thirds of its life, before
 * its life (the clock was set back) or when the authority changes. {@link #renewIfDue} is called by one scheduler
 * thread.
 */
public final class ServingCertificate {
    private static final Logger log = LoggerFactory.getLogger("certificate");
    /** How long one is valid. */
    static final Duration VALIDITY = Duration.ofHours(24);

    private final Supplier<CertificateAuthority> authority;
    private final List<String> dnsNames;
    private final List<InetAddress> addresses;
    private final InstantSource clock;
    private final ServerKeys keys;

    public ServingCertificate(
            Supplier<CertificateAuthority> authority,
            List<String> dnsNames,
            List<InetAddress> addresses,
            InstantSource clock) {
        this.authority = authority;
        this.dnsNames = List.copyOf(dnsNames);
        this.addresses = List.copyOf(addresses);
        this.clock = clock;
        this.keys = new ServerKeys(sign());
    }

    /** A context that always shows the certificate of the moment. */
    public SSLContext tls(AnyClientCertificate clients) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys}, new TrustManager[] {clients}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has TLS", e);
        }
    }

    /** Signs a new one if the present one's time is over or has not come, or its authority is no longer ours. */
    public void renewIfDue() {
        X509Certificate leaf = current();
        boolean foreign = !leaf.getIssuerX500Principal()
                        .equals(authority.get().certificate().getSubjectX500Principal())
                || !keys.current().chain().getLast().equals(authority.get().certificate());
        Instant now = clock.instant();
        if (foreign || now.isBefore(leaf.getNotBefore().toInstant()) || !now.isBefore(renewalOf(leaf))) {
            keys.replace(sign());
            log.info(
                    "serving certificate renewed, valid until {}",
                    current().getNotAfter().toInstant());
        }
    }

    /** When the present one ends. */
    public Instant expiry() {
        return current().getNotAfter().toInstant();
    }

    /** For {@code /readyz}. */
    public HealthCheck check() {
        return new HealthCheck("certificate", () -> {
            Instant now = clock.instant();
            Instant begin = current().getNotBefore().toInstant();
            Instant authorityBegin =
                    authority.get().certificate().getNotBefore().toInstant();
            if (!now.isBefore(expiry())) {
                return new HealthCheck.State.Bad("serving certificate expired at " + expiry());
            }
            if (now.isBefore(begin)) {
                return new HealthCheck.State.Bad("serving certificate is not valid before " + begin);
            }
            // a remark: where the clocks are right its clients take it
            return new HealthCheck.State.Good("valid until " + expiry()
                    + (now.isBefore(authorityBegin)
                            ? ", but its authority not before " + authorityBegin + ": check this machine's clock"
                            : ""));
        });
    }

    private X509Certificate current() {
        return keys.current().leaf();
    }

    private KeyAndChain sign() {
        return authority.get().signServer(dnsNames, addresses, clock.instant(), VALIDITY);
    }

    private static Instant renewalOf(X509Certificate leaf) {
        Instant from = leaf.getNotBefore().toInstant();
        return from.plus(Duration.between(from, leaf.getNotAfter().toInstant())
                .multipliedBy(2)
                .dividedBy(3));
    }
}
