package io.kpod.apiserver.certificate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A serving certificate that somebody else renews, as cert-manager does in a mounted Secret.
 *
 * @param certificate PEM, leaf first, then what leads to {@code authorities}
 * @param key PEM
 * @param authorities PEM of what clients are to trust
 */
public record GivenFiles(Path certificate, Path key, Path authorities) {
    private static final int DNS_NAME = 2;

    /**
     * What stood in the files.
     *
     * @param bundle the text of the authorities
     */
    record Given(KeyAndChain keys, List<X509Certificate> authorities, String bundle) implements TrustedByClients {}

    /**
     * Reads all three and checks that clients who trust the authorities will believe the certificate.
     *
     * @param name that clients know this server by
     * @throws IOException that names the file and what is wrong, also while they are being replaced
     */
    Given read(String name, Instant now) throws IOException {
        List<X509Certificate> chain = certificates(certificate);
        String bundle = text(authorities);
        List<X509Certificate> trusted = certificates(authorities);
        KeyAndChain keys = new KeyAndChain(privateKey(text(key)), chain);
        if (!CertificateAuthority.belongs(keys.key(), keys.leaf().getPublicKey())) {
            throw wrong(key, "the private key is not that of the certificate in " + certificate, null);
        }
        if (!dnsNames(keys.leaf()).contains(name)) {
            throw wrong(
                    certificate,
                    "the certificate is for " + dnsNames(keys.leaf()) + ", the kube-apiserver asks for " + name,
                    null);
        }
        checkPath(chain, trusted, now);
        return new Given(keys, trusted, bundle);
    }

    private void checkPath(List<X509Certificate> chain, List<X509Certificate> trusted, Instant now) throws IOException {
        try {
            List<X509Certificate> untrusted = new ArrayList<>(chain);
            untrusted.removeAll(trusted);
            PKIXParameters parameters = new PKIXParameters(trusted.stream()
                    .map(authority -> new TrustAnchor(authority, null))
                    .collect(Collectors.toSet()));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(untrusted), parameters);
        } catch (GeneralSecurityException e) {
            throw wrong(
                    certificate, "the certificate does not come from " + authorities + " now: " + e.getMessage(), e);
        }
    }

    private static List<X509Certificate> certificates(Path file) throws IOException {
        String text = text(file);
        try {
            return Pem.readCertificates(text);
        } catch (IOException e) {
            throw wrong(file, String.valueOf(e.getMessage()), e);
        }
    }

    private PrivateKey privateKey(String text) throws IOException {
        try {
            return Pem.readKey(text);
        } catch (IOException e) {
            throw wrong(key, String.valueOf(e.getMessage()), e);
        }
    }

    private static String text(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw wrong(file, "it can't be read (" + e + ")", e);
        }
    }

    private static List<String> dnsNames(X509Certificate leaf) {
        try {
            Collection<List<?>> names = leaf.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.getFirst().equals(DNS_NAME))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private static IOException wrong(Path file, String what, @Nullable Exception cause) {
        return new IOException(file + ": " + what, cause);
    }
}
