package io.kpod.agent;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS that trusts the certificates of a PEM text, and no others. */
public final class PemTrust {
    private PemTrust() {}

    /**
     * A context for connections to servers whose certificate is one of these, or signed by one.
     *
     * @param pem one certificate or more
     * @throws GeneralSecurityException if it holds none, or none that can be read
     */
    public static SSLContext context(String pem) throws IOException, GeneralSecurityException {
        return context(new TrustManager[] {trust(pem)});
    }

    /**
     * The same, for servers that are reached by their address and may prove another name instead.
     *
     * @param name a DNS name that leads to them all, as that of a Service does
     */
    public static SSLContext context(String pem, String name) throws IOException, GeneralSecurityException {
        return context(new TrustManager[] {new NamedServer(trust(pem), name)});
    }

    private static SSLContext context(TrustManager[] trust) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust, null);
        return context;
    }

    private static X509ExtendedTrustManager trust(String pem) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        for (Certificate certificate : CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))) {
            store.setCertificateEntry("ca" + number++, certificate);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        return (X509ExtendedTrustManager) trust.getTrustManagers()[0];
    }
}
