package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.kpod.apiserver.certificate.Pem;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Whether the kube-apiserver says by which certificate it is known as a front proxy. */
final class AuthenticationConfigCheck implements Check {
    private static final String NAMESPACE = "kube-system";
    private static final String NAME = "extension-apiserver-authentication";
    private static final String AUTHORITIES = "requestheader-client-ca-file";
    private static final Duration SOON = Duration.ofDays(30);

    @Override
    public String subject() {
        return "ConfigMap " + NAMESPACE + "/" + NAME;
    }

    @Override
    public List<Finding> look(Installed installed) {
        ConfigMap found = installed
                .client()
                .configMaps()
                .inNamespace(NAMESPACE)
                .withName(NAME)
                .get();
        return List.of(
                found == null
                        ? new Finding.Fail(
                                subject(),
                                "does not exist, so nobody is known to the api-server",
                                "the kube-apiserver makes it at its start: see its log")
                        : front(
                                Objects.requireNonNullElse(found.getData(), Map.of()),
                                installed.clock().instant()));
    }

    private Finding front(Map<String, String> data, Instant now) {
        String pem = data.getOrDefault(AUTHORITIES, "");
        String flags = "start the kube-apiserver with --requestheader-client-ca-file, --proxy-client-cert-file and"
                + " --proxy-client-key-file";
        if (pem.isEmpty()) {
            return new Finding.Fail(
                    subject(), "has no " + AUTHORITIES + ", so no request that is passed on can be believed", flags);
        }
        X509Certificate last;
        try {
            last = Pem.readCertificates(pem).stream()
                    .max(Comparator.comparing(X509Certificate::getNotAfter))
                    .orElseThrow();
        } catch (IOException e) {
            return new Finding.Fail(subject(), AUTHORITIES + " can't be read: " + e.getMessage(), flags);
        }
        Instant end = last.getNotAfter().toInstant();
        String what = AUTHORITIES + " " + last.getSubjectX500Principal();
        if (now.isAfter(end)) {
            return new Finding.Fail(subject(), what + " has expired at " + end, "renew the cluster's front-proxy CA");
        }
        if (now.plus(SOON).isAfter(end)) {
            return new Finding.Warn(subject(), what + " expires at " + end, "renew the cluster's front-proxy CA");
        }
        return new Finding.Ok(
                subject(),
                what + ", valid until " + end + ", for clients named "
                        + data.getOrDefault("requestheader-allowed-names", "[]"));
    }
}
