package io.kpod.apiserver.certificate;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Signs short-lived certificates with a key of its own (EC P-256).
 *
 * @param certificate of {@code key}
 */
public record CertificateAuthority(X509Certificate certificate, PrivateKey key) implements TrustedByClients {
    /** Clocks of the two sides may differ by this much. */
    private static final Duration BACKDATED = Duration.ofMinutes(5);

    private static final String SIGNATURE = "SHA256withECDSA";
    private static final String RSA_SIGNATURE = "SHA256withRSA";
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Makes an authority that nobody trusts yet, valid for a year. */
    public static CertificateAuthority create(String commonName, Instant now) {
        return create(commonName, now, Lifetimes.DEFAULT.authority());
    }

    /** Makes an authority that nobody trusts yet. */
    public static CertificateAuthority create(String commonName, Instant now, Duration validity) {
        KeyPair pair = newKey();
        X500Name name = new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
        try {
            JcaX509v3CertificateBuilder builder = builder(name, name, pair.getPublic(), now, now.plus(validity));
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(pair.getPublic()));
            return new CertificateAuthority(signed(builder, pair.getPrivate()), pair.getPrivate());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("making a certificate authority", e);
        }
    }

    /**
     * Reads what {@link #toPem} wrote; of several certificates the key's own is taken.
     *
     * @throws IOException if a part is missing, can't be read, or the key is not the certificate's
     */
    public static CertificateAuthority fromPem(String certificates, String key) throws IOException {
        PrivateKey privateKey = Pem.readKey(key);
        for (X509Certificate certificate : Pem.readCertificates(certificates)) {
            if (belongs(privateKey, certificate.getPublicKey())) {
                return new CertificateAuthority(certificate, privateKey);
            }
        }
        throw new IOException("the private key belongs to none of the certificates");
    }

    @Override
    public List<X509Certificate> authorities() {
        return List.of(certificate);
    }

    /** A certificate for a server that is called by these names and addresses; it ends no later than this authority. */
    public KeyAndChain signServer(List<String> dnsNames, List<InetAddress> addresses, Instant now, Duration validity) {
        GeneralName[] names = Stream.concat(
                        dnsNames.stream().map(name -> new GeneralName(GeneralName.dNSName, name)),
                        addresses.stream()
                                .map(address -> new GeneralName(GeneralName.iPAddress, address.getHostAddress())))
                .toArray(GeneralName[]::new);
        X500Name subject =
                new X500NameBuilder().addRDN(BCStyle.CN, dnsNames.getFirst()).build();
        return sign(subject, KeyPurposeId.id_kp_serverAuth, new GeneralNames(names), now, validity);
    }

    /** A certificate for a client: a user and a group of Kubernetes. */
    public KeyAndChain signClient(String user, String group, Instant now, Duration validity) {
        X500Name subject = new X500NameBuilder()
                .addRDN(BCStyle.O, group)
                .addRDN(BCStyle.CN, user)
                .build();
        return sign(subject, KeyPurposeId.id_kp_clientAuth, null, now, validity);
    }

    private KeyAndChain sign(
            X500Name subject, KeyPurposeId purpose, @Nullable GeneralNames names, Instant now, Duration validity) {
        KeyPair pair = newKey();
        Instant own = certificate.getNotAfter().toInstant();
        Instant until = now.plus(validity).isBefore(own) ? now.plus(validity) : own;
        try {
            X500Name issuer =
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
            JcaX509v3CertificateBuilder builder = builder(issuer, subject, pair.getPublic(), now, until);
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, extensions.createAuthorityKeyIdentifier(certificate));
            if (names != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, names);
            }
            return new KeyAndChain(pair.getPrivate(), List.of(signed(builder, key), certificate));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("signing a certificate for " + subject, e);
        }
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant now, Instant until) {
        Instant second = now.truncatedTo(ChronoUnit.SECONDS);
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(127, RANDOM),
                Date.from(second.minus(BACKDATED)),
                Date.from(until.truncatedTo(ChronoUnit.SECONDS)),
                subject,
                key);
    }

    private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has P-256", e);
        }
    }

    static boolean belongs(PrivateKey privateKey, PublicKey publicKey) {
        byte[] message = {1, 2, 3};
        try {
            if (!privateKey.getAlgorithm().equals(publicKey.getAlgorithm())) {
                return false;
            }
            Signature signature =
                    Signature.getInstance(privateKey.getAlgorithm().equals("EC") ? SIGNATURE : RSA_SIGNATURE);
            signature.initSign(privateKey);
            signature.update(message);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(message);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
