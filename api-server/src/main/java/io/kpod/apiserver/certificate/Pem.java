package io.kpod.apiserver.certificate;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** Certificates and keys as text (RFC 7468). */
public final class Pem {
    private Pem() {}

    /** Certificates, one block each. */
    public static String write(List<X509Certificate> certificates) {
        StringBuilder all = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            try {
                all.append(block("CERTIFICATE", certificate.getEncoded()));
            } catch (CertificateException e) {
                throw new IllegalArgumentException("certificate of " + certificate.getSubjectX500Principal(), e);
            }
        }
        return all.toString();
    }

    /** A key in PKCS #8. */
    public static String write(PrivateKey key) {
        return block("PRIVATE KEY", key.getEncoded());
    }

    /**
     * Reads every certificate block.
     *
     * @throws IOException if there is none or one can't be read
     */
    public static List<X509Certificate> readCertificates(String pem) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Object block : blocks(pem)) {
            if (block instanceof X509CertificateHolder holder) {
                try {
                    certificates.add(new JcaX509CertificateConverter().getCertificate(holder));
                } catch (CertificateException e) {
                    throw new IOException("a certificate can't be read: " + e.getMessage(), e);
                }
            }
        }
        if (certificates.isEmpty()) {
            throw new IOException("no CERTIFICATE block");
        }
        return certificates;
    }

    /**
     * Reads the first private key, in PKCS #8 or the older form of its algorithm.
     *
     * @throws IOException if there is none or it can't be read
     */
    public static PrivateKey readKey(String pem) throws IOException {
        for (Object block : blocks(pem)) {
            switch (block) {
                case PrivateKeyInfo info -> {
                    return new JcaPEMKeyConverter().getPrivateKey(info);
                }
                case PEMKeyPair pair -> {
                    return new JcaPEMKeyConverter().getKeyPair(pair).getPrivate();
                }
                default -> {}
            }
        }
        throw new IOException("no PRIVATE KEY block");
    }

    private static List<Object> blocks(String pem) throws IOException {
        List<Object> blocks = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
                blocks.add(block);
            }
        }
        return blocks;
    }

    private static String block(String type, byte[] content) {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
