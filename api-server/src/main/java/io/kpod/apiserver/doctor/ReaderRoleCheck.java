package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.kpod.apiserver.kernelmetrics.KernelMetrics;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Whether those who may view a namespace may read its kernel metrics: the role has been aggregated. */
final class ReaderRoleCheck implements Check {
    private static final String VIEW = "view";

    @Override
    public String subject() {
        return "ClusterRole " + VIEW;
    }

    @Override
    public List<Finding> look(Installed installed) {
        ClusterRole role =
                installed.client().rbac().clusterRoles().withName(VIEW).get();
        boolean aggregated = Stream.ofNullable(role)
                .flatMap(found -> Objects.requireNonNullElse(found.getRules(), List.<PolicyRule>of()).stream())
                .anyMatch(rule -> rule.getApiGroups().contains(KernelMetrics.GROUP)
                        && rule.getVerbs().contains("list"));
        return aggregated
                ? List.of()
                : List.of(
                        new Finding(
                                subject(),
                                "does not let its users read " + KernelMetrics.GROUP,
                                "kubectl apply -f manifests/kustomize/api-server/readers.yaml (ClusterRole kpod-kernelmetrics-reader)"));
    }
}
