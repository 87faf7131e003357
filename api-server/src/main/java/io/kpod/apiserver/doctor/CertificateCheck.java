package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.APIService;
import io.kpod.apiserver.certificate.Pem;
import io.kpod.apiserver.registration.ApiServiceRegistration;
import io.kpod.apiserver.status.Causes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What each replica shows: its names, its time, and whether the APIServices' caBundle vouches for it. */
final class CertificateCheck implements Check {
    /** A leaf of a day is renewed long before. */
    private static final int LAST_PARTS_OF_LIFE = 10;

    @Override
    public String subject() {
        return "serving certificate";
    }

    @Override
    public List<Finding> look(Installed installed) {
        List<APIService> ours = ApiServiceRegistration.NAMES.stream()
                .flatMap(name -> Optional.ofNullable(
                        installed.client().apiServices().withName(name).get())
                        .stream())
                .filter(each -> GroupOwnerCheck.owner(each)
                        .equals(Optional.of(installed.service().toString())))
                .toList();
        List<Finding> findings = new ArrayList<>();
        for (Endpoint endpoint : Endpoint.of(installed)) {
            String subject = "certificate of " + endpoint;
            try {
                ServedCertificate served = ServedCertificate.of(installed, endpoint);
                findings.add(itself(subject, served, installed));
                ours.forEach(each -> bundle(each, endpoint, served, installed).ifPresent(findings::add));
            } catch (IOException | CertificateException e) {
                findings.add(
                        new Finding.Unasked(
                                subject,
                                "can't be reached from here: " + Causes.of(e),
                                "run kpod doctor in the cluster (manifests/kustomize/doctor), or with the right to pods/portforward"));
            }
        }
        return findings;
    }

    private static Finding itself(String subject, ServedCertificate served, Installed installed)
            throws CertificateException {
        X509Certificate leaf = served.leaf();
        Instant begin = leaf.getNotBefore().toInstant();
        Instant end = leaf.getNotAfter().toInstant();
        Instant now = installed.clock().instant();
        String restart = "kubectl rollout restart -n " + installed.namespace() + " deploy/"
                + installed.service().name();
        if (!served.names().contains(installed.serverName())) {
            return new Finding.Fail(
                    subject,
                    "is for " + served.names() + " and not for " + installed.serverName()
                            + ", which the kube-apiserver connects to",
                    "start the api-server with --kpod.api.service="
                            + installed.service().name() + " --kpod.api.namespace=" + installed.namespace());
        }
        if (now.isBefore(begin)) {
            return new Finding.Fail(
                    subject,
                    "is valid only from " + begin + ", and here it is " + now,
                    "set the clocks of the nodes right");
        }
        if (now.isAfter(end)) {
            return new Finding.Fail(subject, "has expired at " + end, restart);
        }
        Duration left = Duration.between(now, end);
        if (left.multipliedBy(LAST_PARTS_OF_LIFE).compareTo(Duration.between(begin, end)) < 0) {
            return new Finding.Warn(
                    subject,
                    "expires at " + end + " and should have been renewed by now",
                    "see its log, then " + restart);
        }
        return new Finding.Ok(subject, "is for " + installed.serverName() + ", valid until " + end);
    }

    private static Optional<Finding> bundle(
            APIService apiService, Endpoint endpoint, ServedCertificate served, Installed installed) {
        String subject = "caBundle of APIService " + apiService.getMetadata().getName();
        String bundle = Objects.requireNonNullElse(apiService.getSpec().getCaBundle(), "");
        if (bundle.isEmpty()) {
            return Optional.empty();
        }
        String wayOut =
                "the api-server writes the right one every 10 s: see its log, and whether it may patch APIServices";
        try {
            List<X509Certificate> authorities =
                    Pem.readCertificates(new String(Base64.getDecoder().decode(bundle), StandardCharsets.US_ASCII));
            return Optional.of(
                    served.signedByAny(authorities, installed.clock().instant())
                            ? new Finding.Ok(subject, "has signed the certificate of " + endpoint)
                            : new Finding.Fail(
                                    subject,
                                    "holds " + subjects(authorities) + ", none of which has signed the certificate of "
                                            + endpoint + " (issuer "
                                            + served.leaf().getIssuerX500Principal() + ")",
                                    wayOut));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.of(new Finding.Fail(subject, "can't be read: " + e.getMessage(), wayOut));
        }
    }

    private static List<String> subjects(List<X509Certificate> certificates) {
        return certificates.stream()
                .map(each -> each.getSubjectX500Principal().toString())
                .toList();
    }
}
