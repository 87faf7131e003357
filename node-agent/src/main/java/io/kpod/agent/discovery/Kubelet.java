package io.kpod.agent.discovery;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.kpod.agent.FailureLog;
import io.kpod.agent.PemTrust;
import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The kubelet of this node, asked for its pods. Token and authority are read anew each time, for both are replaced while
 * the agent runs.
 *
 * <p>A kubelet's certificate may be for the node's name alone (those that it signs itself are), and it is asked by
 * address: a certificate for either is taken.
 */
public final class Kubelet {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);
    private static final int LONGEST_SHOWN = 200;

    /** Type of a DNS name among a certificate's subject alternative names (RFC 5280, GeneralName). */
    private static final int DNS_NAME = 2;

    private final URI pods;
    private final String nodeName;
    private final Path tokenFile;
    private final Path caFile;
    private final KubernetesSerialization json = new KubernetesSerialization();

    /** core/v1 PodList, as the kubelet answers it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Pods(@Nullable List<NodePod> items) {}

    /**
     * Asks nothing yet.
     *
     * @param address name or IP address; empty: the node's name
     * @param tokenFile bearer token of somebody who may get {@code nodes/pods}, or {@code nodes/proxy}
     * @param caFile PEM certificates that the kubelet's is checked against
     */
    public Kubelet(String address, int port, String nodeName, Path tokenFile, Path caFile) {
        String host = address.isEmpty() ? nodeName : address;
        this.pods = URI.create("https://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port + "/pods");
        this.nodeName = nodeName;
        this.tokenFile = tokenFile;
        this.caFile = caFile;
    }

    /** Where it is asked. */
    URI address() {
        return pods;
    }

    /**
     * All pods that the kubelet runs.
     *
     * @throws IOException if it does not say; why, and the way out, in one line
     */
    List<NodePod> pods() throws IOException {
        String token = read(tokenFile, "kpod.discovery.kubelet-token-file");
        String authority = read(caFile, "kpod.discovery.kubelet-ca-file");
        List<String> foreignNames = new ArrayList<>();
        HttpsURLConnection connection = (HttpsURLConnection) url().openConnection(Proxy.NO_PROXY);
        try {
            connection.setSSLSocketFactory(PemTrust.context(authority).getSocketFactory());
            connection.setHostnameVerifier((host, session) -> isOfThisNode(session, foreignNames));
            connection.setInstanceFollowRedirects(false);
            connection.setConnectTimeout((int) CONNECT_TIMEOUT.toMillis());
            connection.setReadTimeout((int) READ_TIMEOUT.toMillis());
            connection.setRequestProperty("Accept", "application/json");
            connection.setRequestProperty("Authorization", "Bearer " + token.strip());
            if (connection.getResponseCode() != HttpsURLConnection.HTTP_OK) {
                throw refused(connection);
            }
            try (InputStream body = connection.getInputStream()) {
                return parsed(body);
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("kpod.discovery.kubelet-ca-file " + caFile
                    + " holds no certificate that can be read: " + FailureLog.reason(e));
        } catch (SSLException e) {
            throw new IOException("the kubelet's certificate is not trusted: " + FailureLog.reason(e)
                    + "; a kubelet that has it signed by itself (serverTLSBootstrap off) is checked against its own, in"
                    + " /var/lib/kubelet/pki/kubelet.crt of the node: make that kpod.discovery.kubelet-ca-file, which is "
                    + caFile);
        } catch (IOException e) {
            if (!foreignNames.isEmpty()) {
                throw new IOException("the kubelet's certificate is for " + foreignNames + ", neither for "
                        + pods.getHost() + " nor for node " + nodeName
                        + ": is kpod.discovery.kubelet-address that of this node?");
            }
            throw e;
        }
    }

    private URL url() {
        try {
            return pods.toURL();
        } catch (java.net.MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<NodePod> parsed(InputStream body) throws IOException {
        try {
            List<NodePod> items = json.unmarshal(body, Pods.class).items();
            return items == null
                    ? List.of()
                    : items.stream().filter(Objects::nonNull).toList();
        } catch (RuntimeException e) {
            throw new IOException("the kubelet's answer is no list of pods: "
                    + FailureLog.reason(e).lines().findFirst().orElse(""));
        }
    }

    private IOException refused(HttpsURLConnection connection) throws IOException {
        int code = connection.getResponseCode();
        String wayOut = switch (code) {
            case HttpsURLConnection.HTTP_UNAUTHORIZED ->
                "it takes no ServiceAccount's token: it needs authentication.webhook.enabled, or the token of "
                        + tokenFile + " is not valid";
            case HttpsURLConnection.HTTP_FORBIDDEN ->
                "the ServiceAccount may not: grant it `get` on nodes/pods (before Kubernetes 1.33: nodes/proxy)";
            default -> said(connection);
        };
        return new IOException("the kubelet answered HTTP " + code + ": " + wayOut);
    }

    private static String said(HttpsURLConnection connection) throws IOException {
        try (InputStream body = connection.getErrorStream()) {
            String text = body == null ? "" : new String(body.readNBytes(LONGEST_SHOWN), StandardCharsets.UTF_8);
            return text.replaceAll("\\s+", " ").strip();
        }
    }

    private static String read(Path file, String key) throws IOException {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IOException(
                    key + " " + file + " cannot be read (" + e.getClass().getSimpleName() + "): outside a pod, set it");
        }
    }

    /** Asked only when the certificate, otherwise trusted, is not for the host that was called. */
    private boolean isOfThisNode(SSLSession session, List<String> names) {
        try {
            X509Certificate certificate = (X509Certificate) session.getPeerCertificates()[0];
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives == null) {
                names.add(certificate.getSubjectX500Principal().getName());
                return false;
            }
            for (List<?> alternative : alternatives) {
                if (alternative.get(0).equals(DNS_NAME) && nodeName.equals(alternative.get(1))) {
                    return true;
                }
                names.add(String.valueOf(alternative.get(1)));
            }
            return false;
        } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
            names.add(FailureLog.reason(e));
            return false;
        }
    }
}
