package io.kpod.apiserver.certificate;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Takes any client certificate at the handshake, as Go's RequestClientCert does: TLS proves that the client holds its
 * key; whether the certificate means anything is authentication's question, asked at each request against the
 * authorities of that moment.
 */
public final class AnyClientCertificate extends X509ExtendedTrustManager {
    private final Supplier<List<X509Certificate>> advertised;

    /**
     * Makes one.
     *
     * @param advertised the authorities that clients are told of; a client may keep back a certificate of another
     */
    public AnyClientCertificate(Supplier<List<X509Certificate>> advertised) {
        this.advertised = advertised;
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return advertised.get().toArray(X509Certificate[]::new);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        throw new CertificateException("this is a server: it trusts no other");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("this is a server: it trusts no other");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("this is a server: it trusts no other");
    }
}
