import io.kpod.apiserver.certificate.Pem;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS of the simulated clients. */
final class SimulatedTls {
    private static final char[] PASSWORD = "simulated".toCharArray();

    private SimulatedTls() {}

    /**
     * Trusts an authority and shows a certificate.
     *
     * @param credentials PEM of a key and its chain; empty: none
     */
    static SSLContext context(String authority, String credentials) throws Exception {
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, PASSWORD);
        trust.setCertificateEntry("ca", Pem.readCertificates(authority).getFirst());
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(trust);
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, PASSWORD);
        if (!credentials.isEmpty()) {
            own.setKeyEntry("client", Pem.readKey(credentials), PASSWORD, Pem.readCertificates(credentials).toArray(X509Certificate[]::new));
        }
        KeyManagerFactory shown = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        shown.init(own, PASSWORD);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(shown.getKeyManagers(), trusted.getTrustManagers(), null);
        return tls;
    }
}
