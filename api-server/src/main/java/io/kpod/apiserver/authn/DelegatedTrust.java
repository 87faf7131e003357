package io.kpod.apiserver.authn;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whom the kube-apiserver tells its aggregated servers to trust: ConfigMap {@code
 * kube-system/extension-apiserver-authentication}.
 *
 * @param clientAuthorities of users' client certificates
 * @param frontProxy how the kube-apiserver shows itself; empty if the cluster has no aggregation
 */
public record DelegatedTrust(TrustedAuthorities clientAuthorities, Optional<FrontProxy> frontProxy) {
    /**
     * The kube-apiserver's {@code --requestheader-*} flags.
     *
     * @param allowedNames common names of its client certificate; empty allows any
     */
    public record FrontProxy(
            TrustedAuthorities authorities,
            List<String> allowedNames,
            List<String> usernameHeaders,
            List<String> uidHeaders,
            List<String> groupHeaders,
            List<String> extraPrefixes) {
        public FrontProxy {
            allowedNames = List.copyOf(allowedNames);
            usernameHeaders = List.copyOf(usernameHeaders);
            uidHeaders = List.copyOf(uidHeaders);
            groupHeaders = List.copyOf(groupHeaders);
            extraPrefixes = List.copyOf(extraPrefixes);
        }
    }

    private static final String CLIENT_CA = "client-ca-file";
    private static final String FRONT_PROXY_CA = "requestheader-client-ca-file";
    private static final TypeReference<List<String>> LIST = new TypeReference<>() {};

    /**
     * Reads the ConfigMap's data.
     *
     * @throws MalformedTrustException if a part can't be read; names the key
     */
    public static DelegatedTrust parse(Map<String, String> data) throws MalformedTrustException {
        TrustedAuthorities client =
                data.containsKey(CLIENT_CA) ? authorities(data, CLIENT_CA) : TrustedAuthorities.NONE;
        if (!data.containsKey(FRONT_PROXY_CA)) {
            return new DelegatedTrust(client, Optional.empty());
        }
        return new DelegatedTrust(
                client,
                Optional.of(new FrontProxy(
                        authorities(data, FRONT_PROXY_CA),
                        list(data, "requestheader-allowed-names"),
                        list(data, "requestheader-username-headers"),
                        list(data, "requestheader-uid-headers"),
                        list(data, "requestheader-group-headers"),
                        list(data, "requestheader-extra-headers-prefix"))));
    }

    /** The certificates whose clients are asked for one at the handshake. */
    public List<X509Certificate> advertised() {
        List<X509Certificate> all = new ArrayList<>(clientAuthorities.authorities());
        frontProxy.ifPresent(proxy -> all.addAll(proxy.authorities().authorities()));
        return List.copyOf(all);
    }

    private static TrustedAuthorities authorities(Map<String, String> data, String key) throws MalformedTrustException {
        try {
            List<X509Certificate> certificates = new ArrayList<>();
            byte[] pem = data.getOrDefault(key, "").getBytes(StandardCharsets.US_ASCII);
            for (var certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
                certificates.add((X509Certificate) certificate);
            }
            if (certificates.isEmpty()) {
                throw new MalformedTrustException(key + " holds no certificate");
            }
            return new TrustedAuthorities(certificates);
        } catch (CertificateException e) {
            throw new MalformedTrustException(key + " is not a PEM bundle of certificates: " + e.getMessage());
        }
    }

    private static List<String> list(Map<String, String> data, String key) throws MalformedTrustException {
        try {
            return JsonMapper.shared().readValue(data.getOrDefault(key, "[]"), LIST);
        } catch (JacksonException e) {
            throw new MalformedTrustException(key + " is not a JSON list of strings: " + e.getOriginalMessage());
        }
    }
}
