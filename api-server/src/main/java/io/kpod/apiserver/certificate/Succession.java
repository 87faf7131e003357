package io.kpod.apiserver.certificate;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/**
 * How one authority follows another without a gap: first both are published, so that clients come to trust the new one;
 * once that has settled it signs; the former stays published for as long as a certificate of it may still be shown by a
 * replica. When that ends is published too, so that all replicas and those that start meanwhile agree.
 */
final class Succession {
    /** From publishing a new authority until it signs: the other replica and the clients look every 10 s. */
    static final Duration SETTLING = Duration.ofSeconds(30);
    /** How long a former authority stays published. */
    static final Duration RETIRED = ServingCertificate.VALIDITY.plus(SETTLING);

    /**
     * What clients are to trust.
     *
     * @param bundle certificates in PEM, those of the Secret first
     * @param retiredUntil when the former ones among them go; empty if there are none
     */
    record Published(String bundle, String retiredUntil) {
        static final Published NOTHING = new Published("", "");
    }

    private final InstantSource clock;
    private CertificateAuthority signer;
    private CertificateAuthority next;
    private Instant signsFrom = Instant.MIN;

    /** @param first signs from the beginning: this replica has shown nothing else */
    Succession(CertificateAuthority first, InstantSource clock) {
        this.clock = clock;
        this.signer = first;
        this.next = first;
    }

    /** Who signs now. */
    synchronized CertificateAuthority signer() {
        if (!signer.equals(next) && !clock.instant().isBefore(signsFrom)) {
            signer = next;
        }
        return signer;
    }

    /** The Secret holds this authority, and it has just been published. */
    synchronized void published(CertificateAuthority authority) {
        if (!authority.certificate().equals(next.certificate())) {
            next = authority;
            signsFrom = clock.instant().plus(SETTLING);
        }
    }

    /**
     * What to publish.
     *
     * @param bundle of the Secret
     * @param before what is published at the moment
     * @throws IOException if {@code bundle} can't be read
     */
    synchronized Published publish(String bundle, Published before) throws IOException {
        List<X509Certificate> current = Pem.readCertificates(bundle);
        List<X509Certificate> known = readable(before.bundle());
        boolean begins = !known.isEmpty() && !current.contains(known.getFirst());
        List<X509Certificate> former = new ArrayList<>(known);
        if (!former.contains(signer.certificate())) {
            former.add(signer.certificate());
        }
        former.removeAll(current);
        Instant now = clock.instant();
        Instant latest = now.plus(RETIRED);
        Instant until = begins ? latest : instant(before.retiredUntil(), latest);
        if (former.isEmpty() || (!now.isBefore(until) && !former.contains(signer.certificate()))) {
            return new Published(bundle, "");
        }
        return new Published(bundle.stripTrailing() + "\n" + Pem.write(former), until.toString());
    }

    private static List<X509Certificate> readable(String bundle) {
        try {
            return bundle.isEmpty() ? List.of() : Pem.readCertificates(bundle);
        } catch (IOException e) {
            return List.of(); // somebody wrote into it: it is written anew
        }
    }

    /** {@code text} if it is a time that is not beyond the latest one possible. */
    private static Instant instant(String text, Instant latest) {
        try {
            Instant told = Instant.parse(text);
            return told.isBefore(latest) ? told : latest;
        } catch (DateTimeParseException e) {
            return latest;
        }
    }
}
