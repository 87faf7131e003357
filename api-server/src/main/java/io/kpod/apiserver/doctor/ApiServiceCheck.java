package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.APIServiceCondition;
import io.kpod.apiserver.registration.ApiServiceRegistration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The APIServices that are kpod's: there, pointing to its Service, trusting its certificate, Available. While one is
 * not, Kubernetes deletes no namespace. Those of the shared groups that point elsewhere are {@link GroupOwnerCheck}'s.
 */
final class ApiServiceCheck implements Check {
    private static final String OWN = ApiServiceRegistration.NAMES.getFirst();
    private static final String MANIFEST = "kubectl apply -f manifests/kustomize/api-server/apiservices.yaml";

    @Override
    public String subject() {
        return "APIServices";
    }

    @Override
    public List<Finding> look(Installed installed) {
        List<APIService> all = installed.apiServices();
        if (named(OWN, all) == null) {
            return List.of(new Finding("APIService " + OWN, "does not exist, so nobody reaches kpod", MANIFEST));
        }
        List<Finding> findings = new ArrayList<>();
        for (String name : ApiServiceRegistration.NAMES) {
            String subject = "APIService " + name;
            APIService found = named(name, all);
            if (found == null) {
                if (GroupOwnerCheck.foreignOwner(installed, all, GroupOwnerCheck.group(name))
                        .isEmpty()) {
                    findings.add(new Finding(
                            subject, "does not exist, though nobody else has its group", serverLog(installed)));
                }
            } else if (installed.isOurs(found)) {
                trust(subject, found, installed).ifPresent(findings::add);
                availability(subject, found).ifPresent(findings::add);
            } else if (name.equals(OWN)) {
                findings.add(new Finding(
                        subject,
                        "points to "
                                + Installed.owner(found).map(Object::toString).orElse("the kube-apiserver itself")
                                + " instead of " + installed.service(),
                        MANIFEST));
            }
        }
        return findings;
    }

    private static Optional<Finding> trust(String subject, APIService found, Installed installed) {
        if (Boolean.TRUE.equals(found.getSpec().getInsecureSkipTLSVerify())) {
            return Optional.of(new Finding(
                    subject,
                    "insecureSkipTLSVerify: true, so nobody checks whom requests and their users' names go to",
                    "kubectl patch " + subject.replace(' ', '/')
                            + " --type=merge -p '{\"spec\":{\"insecureSkipTLSVerify\":null}}'"));
        }
        return Objects.requireNonNullElse(found.getSpec().getCaBundle(), "").isEmpty()
                ? Optional.of(new Finding(
                        subject,
                        "has no caBundle, so the kube-apiserver trusts the system's authorities alone",
                        serverLog(installed)))
                : Optional.empty();
    }

    private static Optional<Finding> availability(String subject, APIService found) {
        Optional<APIServiceCondition> available = Optional.ofNullable(found.getStatus()).stream()
                .flatMap(status -> status.getConditions().stream())
                .filter(each -> each.getType().equals("Available"))
                .findFirst();
        if (available.filter(each -> each.getStatus().equals("True")).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(new Finding(
                subject,
                "not Available ("
                        + available
                                .map(each -> each.getReason() + ": " + each.getMessage())
                                .orElse("not looked at yet")
                        + "), and until it is no namespace of the cluster can be deleted",
                "start kpod-api-server again, or see the lines below for what keeps the kube-apiserver from it; where kpod is gone"
                        + " for good, kubectl delete apiservice " + OWN + " (the others that kpod made go with it)"));
    }

    private static @Nullable APIService named(String name, List<APIService> all) {
        return all.stream()
                .filter(each -> each.getMetadata().getName().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static String serverLog(Installed installed) {
        return "the api-server puts it right every 10 s: kubectl logs -n " + installed.namespace() + " deploy/"
                + installed.service().name() + " says what keeps it from that";
    }
}
