package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.APIServiceCondition;
import io.fabric8.kubernetes.api.model.APIServiceSpec;
import io.fabric8.kubernetes.api.model.ServiceReference;
import io.kpod.apiserver.registration.ApiServiceRegistration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The APIServices that are kpod's: there, pointing to its Service, with a caBundle, Available. Those of the shared
 * groups that point elsewhere are {@link GroupOwnerCheck}'s.
 */
final class ApiServiceCheck implements Check {
    private static final String MANIFEST = "kubectl apply -f manifests/kustomize/api-server/apiservices.yaml";

    @Override
    public String subject() {
        return "APIServices";
    }

    @Override
    public List<Finding> look(Installed installed) {
        List<Finding> findings = new ArrayList<>();
        for (String name : ApiServiceRegistration.NAMES) {
            look(
                    installed,
                    name,
                    installed.client().apiServices().withName(name).get(),
                    findings);
        }
        return findings;
    }

    private static void look(Installed installed, String name, @Nullable APIService found, List<Finding> findings) {
        String subject = "APIService " + name;
        boolean own = name.equals(ApiServiceRegistration.NAMES.getFirst());
        if (found == null) {
            if (own) {
                findings.add(new Finding.Fail(subject, "does not exist", MANIFEST));
            } else if (GroupOwnerCheck.foreignOwner(installed, group(name)).isEmpty()) {
                findings.add(new Finding.Fail(
                        subject,
                        "does not exist, though nobody else has its group: the api-server makes it within 10 s",
                        "kubectl logs -n " + installed.namespace() + " deploy/"
                                + installed.service().name()));
            }
            return;
        }
        APIServiceSpec spec = found.getSpec();
        Optional<String> elsewhere = GroupOwnerCheck.owner(found)
                .filter(owner -> !owner.equals(installed.service().toString()));
        if (elsewhere.isPresent()) {
            if (own) {
                findings.add(new Finding.Fail(
                        subject, "points to " + elsewhere.get() + " instead of " + installed.service(), MANIFEST));
            }
            return;
        }
        trust(subject, spec, findings);
        findings.add(availability(subject, found, spec.getService()));
    }

    private static void trust(String subject, APIServiceSpec spec, List<Finding> findings) {
        if (Boolean.TRUE.equals(spec.getInsecureSkipTLSVerify())) {
            findings.add(new Finding.Warn(
                    subject,
                    "insecureSkipTLSVerify: true, so nobody checks whom requests and their users' names go to",
                    "kubectl patch " + subject.replace(' ', '/')
                            + " --type=merge -p '{\"spec\":{\"insecureSkipTLSVerify\":null}}'"));
        } else if (Objects.requireNonNullElse(spec.getCaBundle(), "").isEmpty()) {
            findings.add(new Finding.Fail(
                    subject,
                    "has no caBundle, so the kube-apiserver trusts the system's authorities alone",
                    "the api-server writes it within 10 s: see its log"));
        }
    }

    private static Finding availability(String subject, APIService found, ServiceReference service) {
        APIServiceCondition condition = Optional.ofNullable(found.getStatus())
                .flatMap(status -> status.getConditions().stream()
                        .filter(each -> each.getType().equals("Available"))
                        .findFirst())
                .orElse(null);
        if (condition == null) {
            return new Finding.Warn(
                    subject, "the kube-apiserver has not said yet whether it is Available", "run it again in 30 s");
        }
        String pointsTo = service.getNamespace() + "/" + service.getName() + ":"
                + Objects.requireNonNullElse(service.getPort(), ServiceCheck.DEFAULT_PORT);
        return condition.getStatus().equals("True")
                ? new Finding.Ok(subject, "Available, served by Service " + pointsTo)
                : new Finding.Fail(
                        subject,
                        "not Available: " + condition.getReason() + ": " + condition.getMessage(),
                        wayOut(Objects.requireNonNullElse(condition.getReason(), ""), pointsTo));
    }

    /** By the reasons of kube-aggregator's remote_available_controller. */
    private static String wayOut(String reason, String pointsTo) {
        return switch (reason) {
            case "ServiceNotFound", "ServiceAccessError" ->
                "kubectl apply -f manifests/kustomize/api-server/service.yaml";
            case "ServicePortError" ->
                "give the Service the port of " + pointsTo + ", or the APIService that of the Service";
            case "EndpointsNotFound", "EndpointsAccessError", "MissingEndpoints" ->
                "see the Service's lines below: a ready endpoint, on a port named as the Service's, is missing";
            case "FailedDiscoveryCheck" ->
                "see the lines on the certificate, the front proxy and rights below; a network policy or firewall between the control plane and the pods' port does this too";
            default -> "kubectl describe apiservices";
        };
    }

    private static String group(String name) {
        return name.substring(name.indexOf('.') + 1);
    }
}
