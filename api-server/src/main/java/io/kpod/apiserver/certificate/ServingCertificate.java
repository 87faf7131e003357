package io.kpod.apiserver.certificate;

import io.kpod.apiserver.health.HealthCheck;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This replica's own certificate: signed by the authority of the moment, renewed after two thirds of its life, before
 * its life (the clock was set back) or when the authority changes. {@link #refresh} is called by one scheduler
 * thread.
 */
public final class ServingCertificate implements ServerCertificate {
    private static final Logger log = LoggerFactory.getLogger("certificate");
    private final Supplier<CertificateAuthority> authority;
    private final List<String> dnsNames;
    private final List<InetAddress> addresses;
    private final Lifetimes lifetimes;
    private final InstantSource clock;
    private final ServerKeys keys;

    public ServingCertificate(
            Supplier<CertificateAuthority> authority,
            List<String> dnsNames,
            List<InetAddress> addresses,
            Lifetimes lifetimes,
            InstantSource clock) {
        this.authority = authority;
        this.dnsNames = List.copyOf(dnsNames);
        this.addresses = List.copyOf(addresses);
        this.lifetimes = lifetimes;
        this.clock = clock;
        this.keys = new ServerKeys(sign());
    }

    @Override
    public ServerKeys keys() {
        return keys;
    }

    /** Signs a new one if the present one's time is over or has not come, or its authority is no longer ours. */
    @Override
    public void refresh() {
        X509Certificate leaf = current();
        boolean foreign = !leaf.getIssuerX500Principal()
                        .equals(authority.get().certificate().getSubjectX500Principal())
                || !keys.current().chain().getLast().equals(authority.get().certificate());
        Instant now = clock.instant();
        boolean ends = !now.isBefore(leaf.getNotAfter().toInstant().minus(lifetimes.leafRenewal()))
                && leaf.getNotAfter().before(authority.get().certificate().getNotAfter());
        if (foreign || ends || now.isBefore(leaf.getNotBefore().toInstant())) {
            keys.replace(sign());
            log.info(
                    "serving certificate renewed, valid until {}",
                    current().getNotAfter().toInstant());
        }
    }

    @Override
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
        return authority.get().signServer(dnsNames, addresses, clock.instant(), lifetimes.leaf());
    }
}
