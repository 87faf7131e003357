package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.APIService;
import io.kpod.apiserver.certificate.Pem;
import io.kpod.apiserver.status.Causes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** What each replica shows: its names, its time, and whether the APIServices' caBundle vouches for it. */
final class CertificateCheck implements Check {
    @Override
    public String subject() {
        return "serving certificate";
    }

    @Override
    public List<Finding> look(Installed installed) {
        List<APIService> ours =
                installed.apiServices().stream().filter(installed::isOurs).toList();
        return Endpoint.of(installed).stream()
                .flatMap(endpoint -> look(installed, endpoint, ours))
                .toList();
    }

    private static Stream<Finding> look(Installed installed, Endpoint endpoint, List<APIService> ours) {
        String subject = "certificate of " + endpoint;
        try {
            ServedCertificate served = ServedCertificate.of(installed, endpoint);
            return Stream.concat(
                    itself(subject, served, installed).stream(),
                    ours.stream().flatMap(each -> bundle(subject, each, served).stream()));
        } catch (IOException | CertificateException e) {
            return Stream.of(
                    new Finding(
                            subject,
                            "can't be had: " + Causes.of(e),
                            "see the api-server's log; a network policy or firewall does this too, and then keeps the kube-apiserver out"));
        }
    }

    private static Optional<Finding> itself(String subject, ServedCertificate served, Installed installed)
            throws CertificateException {
        X509Certificate leaf = served.leaf();
        Instant begin = leaf.getNotBefore().toInstant();
        Instant end = leaf.getNotAfter().toInstant();
        Instant now = installed.clock().instant();
        if (!served.names().contains(installed.serverName())) {
            return Optional.of(new Finding(
                    subject,
                    "is for " + served.names() + " and not for " + installed.serverName()
                            + ", which the kube-apiserver connects to",
                    "start the api-server with --kpod.api.service="
                            + installed.service().name() + " --kpod.api.namespace=" + installed.namespace()
                            + ", or renew the files of kpod.api.tls-cert-file"));
        }
        if (now.isBefore(begin)) {
            return Optional.of(new Finding(
                    subject, "is valid only from " + begin + ", and it is " + now, "set the nodes' clocks right"));
        }
        return now.isAfter(end)
                ? Optional.of(new Finding(
                        subject,
                        "has expired at " + end,
                        "the api-server should have renewed it: see its log and /readyz?verbose"))
                : Optional.empty();
    }

    private static Optional<Finding> bundle(String subject, APIService apiService, ServedCertificate served) {
        String bundle = Objects.requireNonNullElse(apiService.getSpec().getCaBundle(), "");
        if (bundle.isEmpty()) {
            return Optional.empty(); // ApiServiceCheck says so
        }
        String of = "the caBundle of APIService " + apiService.getMetadata().getName();
        String wayOut = "the api-server writes its own every 10 s: see its log, and whether it may patch APIServices";
        try {
            List<X509Certificate> authorities =
                    Pem.readCertificates(new String(Base64.getDecoder().decode(bundle), StandardCharsets.US_ASCII));
            return served.isSignedByAny(authorities)
                    ? Optional.empty()
                    : Optional.of(new Finding(
                            subject,
                            "is signed by " + served.leaf().getIssuerX500Principal() + ", and " + of
                                    + " does not hold that authority",
                            wayOut));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.of(new Finding(subject, of + " can't be read: " + e.getMessage(), wayOut));
        }
    }
}
