package io.kpod.apiserver.authn;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The authorities of one PEM bundle, and whether a client's certificate comes from one of them. Thread-safe; a chain
 * that was found good is remembered until its first certificate expires, so that a kept connection costs no signature
 * check a request.
 */
public final class TrustedAuthorities {
    /** Trusts nobody. */
    public static final TrustedAuthorities NONE = new TrustedAuthorities(List.of());

    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final int REMEMBERED_CHAINS = 1024;

    private record Validity(Instant from, Instant until) {
        boolean covers(Instant now) {
            return !now.isBefore(from) && !now.isAfter(until);
        }
    }

    private final List<X509Certificate> authorities;
    private final Cache<X509Certificate, Validity> good =
            Caffeine.newBuilder().maximumSize(REMEMBERED_CHAINS).build();

    public TrustedAuthorities(List<X509Certificate> authorities) {
        this.authorities = List.copyOf(authorities);
    }

    public List<X509Certificate> authorities() {
        return authorities;
    }

    /**
     * Checks signatures, validity and the client-authentication usage (crypto/x509 Verify with ExtKeyUsageClientAuth).
     *
     * @param chain leaf first, not empty
     * @return what is wrong, or nothing
     */
    public Optional<String> problem(List<X509Certificate> chain, Instant now) {
        X509Certificate leaf = chain.getFirst();
        Validity known = good.getIfPresent(leaf);
        if (known != null && known.covers(now)) {
            return Optional.empty();
        }
        if (authorities.isEmpty()) {
            return Optional.of("no certificate authority is trusted");
        }
        Validity ofLeaf = validity(leaf);
        if (!ofLeaf.covers(now)) {
            return Optional.of(
                    "certificate is valid from " + ofLeaf.from() + " to " + ofLeaf.until() + ", now is " + now);
        }
        if (!allowsClientAuthentication(leaf)) {
            return Optional.of("certificate's extended key usage is not client authentication");
        }
        try {
            good.put(leaf, build(chain, now, ofLeaf));
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            return Optional.of("certificate signed by unknown authority "
                    + leaf.getIssuerX500Principal().getName());
        }
    }

    private Validity build(List<X509Certificate> chain, Instant now, Validity ofLeaf) throws GeneralSecurityException {
        Set<TrustAnchor> anchors = authorities.stream()
                .filter(authority -> validity(authority).covers(now))
                .map(authority -> new TrustAnchor(authority, null))
                .collect(Collectors.toSet());
        if (anchors.isEmpty()) {
            throw new InvalidAlgorithmParameterException("every trusted authority is out of its validity");
        }
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(chain.getFirst());
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(now));
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
        PKIXCertPathBuilderResult result =
                (PKIXCertPathBuilderResult) CertPathBuilder.getInstance("PKIX").build(parameters);
        Validity all = narrowed(ofLeaf, validity(result.getTrustAnchor().getTrustedCert()));
        for (var certificate : result.getCertPath().getCertificates()) {
            all = narrowed(all, validity((X509Certificate) certificate));
        }
        return all;
    }

    private static Validity validity(X509Certificate certificate) {
        return new Validity(
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant());
    }

    private static Validity narrowed(Validity a, Validity b) {
        return new Validity(
                a.from().isAfter(b.from()) ? a.from() : b.from(),
                a.until().isBefore(b.until()) ? a.until() : b.until());
    }

    private static boolean allowsClientAuthentication(X509Certificate certificate) {
        try {
            List<String> usages = certificate.getExtendedKeyUsage();
            return usages == null || usages.contains(CLIENT_AUTH) || usages.contains(ANY_USAGE);
        } catch (CertificateParsingException e) {
            return false;
        }
    }
}
