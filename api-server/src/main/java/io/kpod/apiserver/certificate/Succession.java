package io.kpod.apiserver.certificate;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How one authority follows another without a gap: first both are published, so that clients come to trust the new one;
 * once that has settled it is used; the former stays published for as long as a certificate of it may still be shown by a
 * replica. When that ends is published too, so that all replicas and those that start meanwhile agree. What needs no
 * other authority than the one in use follows at once.
 *
 * @param <T> what is used: an authority that signs, or a certificate that was given
 */
final class Succession<T extends TrustedByClients> {
    /**
     * What clients are to trust.
     *
     * @param bundle certificates in PEM, the present ones first
     * @param retiredUntil when the former ones among them go; empty if there are none
     */
    record Published(String bundle, String retiredUntil) {
        static final Published NOTHING = new Published("", "");
    }

    private final InstantSource clock;
    private final Lifetimes lifetimes;
    private T used;
    private T next;
    private Instant usedFrom = Instant.MIN;

    /** @param first is used from the beginning: this replica has shown nothing else */
    Succession(T first, Lifetimes lifetimes, InstantSource clock) {
        this.clock = clock;
        this.lifetimes = lifetimes;
        this.used = first;
        this.next = first;
    }

    /** What is used now. */
    synchronized T used() {
        if (!used.equals(next) && !clock.instant().isBefore(usedFrom)) {
            used = next;
        }
        return used;
    }

    /** The authorities of {@code latest} have just been published; it is to be used once clients trust them. */
    synchronized void published(T latest) {
        if (!next.authorities().containsAll(latest.authorities())) {
            usedFrom = used.authorities().containsAll(latest.authorities())
                    ? Instant.MIN
                    : clock.instant().plus(lifetimes.settling());
        }
        next = latest;
    }

    /** What was published last is used at once: clients that don't trust it yet can't be served any more by the other. */
    synchronized void hurry() {
        usedFrom = Instant.MIN;
    }

    /**
     * What to publish.
     *
     * @param bundle of the latest authorities
     * @param before what is published at the moment
     * @throws IOException if {@code bundle} can't be read
     */
    synchronized Published publish(String bundle, Published before) throws IOException {
        List<X509Certificate> current = Pem.readCertificates(bundle);
        List<X509Certificate> known = readable(before.bundle());
        boolean begins = !known.isEmpty() && !current.contains(known.getFirst());
        List<X509Certificate> former = new ArrayList<>(known);
        for (X509Certificate authority : used.authorities()) {
            if (!former.contains(authority)) {
                former.add(authority);
            }
        }
        former.removeAll(current);
        Instant now = clock.instant();
        Instant latest = now.plus(lifetimes.retired());
        Instant until = begins ? latest : instant(before.retiredUntil(), latest);
        if (former.isEmpty() || (!now.isBefore(until) && Collections.disjoint(former, used.authorities()))) {
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
