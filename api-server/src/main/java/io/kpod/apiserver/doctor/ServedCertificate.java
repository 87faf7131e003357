package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * What a server shows to whoever connects, whether or not it is to be trusted.
 *
 * @param chain the leaf first
 */
record ServedCertificate(List<X509Certificate> chain) {
    private static final int PATIENCE_MILLIS = 3_000;
    private static final int DNS_NAME = 2;

    ServedCertificate {
        chain = List.copyOf(chain);
    }

    /**
     * Asks an endpoint, directly or, where the pods' network can't be reached, through the kubelet as {@code kubectl
     * port-forward} does.
     *
     * @throws IOException if neither leads to a TLS server
     */
    static ServedCertificate of(Installed installed, Endpoint endpoint) throws IOException {
        try {
            return handshake(new InetSocketAddress(endpoint.address(), endpoint.port()), installed.serverName());
        } catch (IOException direct) {
            if (endpoint.pod().isEmpty()) {
                throw direct;
            }
            try (LocalPortForward forward = installed
                    .client()
                    .pods()
                    .inNamespace(installed.namespace())
                    .withName(endpoint.pod())
                    .portForward(endpoint.port())) {
                return handshake(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), forward.getLocalPort()),
                        installed.serverName());
            } catch (IOException | KubernetesClientException forwarded) {
                direct.addSuppressed(forwarded);
                throw direct;
            }
        }
    }

    X509Certificate leaf() {
        return chain.getFirst();
    }

    /** DNS names that the leaf is for. */
    List<String> names() throws CertificateException {
        return Objects.requireNonNullElse(leaf().getSubjectAlternativeNames(), List.<List<?>>of()).stream()
                .filter(name -> name.getFirst().equals(DNS_NAME))
                .map(name -> name.get(1).toString())
                .toList();
    }

    /** Whether one of the authorities has signed it; as of its own beginning, since its time is looked at by itself. */
    boolean isSignedByAny(Collection<X509Certificate> authorities) {
        try {
            PKIXParameters parameters = new PKIXParameters(authorities.stream()
                    .map(each -> new TrustAnchor(each, null))
                    .collect(Collectors.toSet()));
            parameters.setRevocationEnabled(false);
            parameters.setDate(leaf().getNotBefore());
            List<X509Certificate> path =
                    chain.stream().filter(each -> !authorities.contains(each)).toList();
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static ServedCertificate handshake(InetSocketAddress address, String serverName) throws IOException {
        try (Socket plain = new Socket()) {
            plain.connect(address, PATIENCE_MILLIS);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Onlooker()}, new SecureRandom());
            try (SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, serverName, address.getPort(), true)) {
                socket.setSoTimeout(PATIENCE_MILLIS);
                socket.startHandshake();
                return new ServedCertificate(Arrays.stream(socket.getSession().getPeerCertificates())
                        .map(X509Certificate.class::cast)
                        .toList());
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS can't be set up: " + e.getMessage(), e);
        }
    }

    /** Takes every certificate: it is to be looked at, and nothing is sent to its owner. */
    private static final class Onlooker implements X509TrustManager {
        @Override
        public void checkServerTrusted(X509Certificate[] certificates, String type) {
            // see above
        }

        @Override
        public void checkClientTrusted(X509Certificate[] certificates, String type) throws CertificateException {
            throw new CertificateException("a client's certificate");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
