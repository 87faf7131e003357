package io.kpod.apiserver.doctor;

import io.kpod.apiserver.registration.ApiServiceRegistration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether the api-server, the agents and the HPA controller may do what they must: each right asked by SubjectAccessReview. */
final class RightsCheck implements Check {
    private static final String MANIFESTS = "kubectl apply -f manifests/kustomize/";
    private static final String METRIC = "kpod_cpu_runqueue_latency_p99_seconds";

    /**
     * Rights that one object of the manifests gives.
     *
     * @param of what it is for
     * @param wayOut names that object
     */
    private record Granted(ServiceAccount account, String of, List<Right> rights, String wayOut) {}

    @Override
    public String subject() {
        return "rights";
    }

    @Override
    public List<Finding> look(Installed installed) {
        return granted(installed).map(each -> look(each, installed)).toList();
    }

    private static Finding look(Granted granted, Installed installed) {
        List<Right> missing = granted.rights().stream()
                .filter(right -> !right.isOf(granted.account(), installed))
                .toList();
        return missing.isEmpty()
                ? new Finding.Ok(granted.account().toString(), "may " + granted.of())
                : new Finding.Fail(
                        granted.account().toString(),
                        "may not " + granted.of() + ": not "
                                + missing.stream().map(Right::toString).collect(Collectors.joining(", ")),
                        granted.wayOut());
    }

    private static Stream<Granted> granted(Installed installed) {
        String namespace = installed.namespace();
        ServiceAccount server = new ServiceAccount(namespace, "kpod-api-server");
        ServiceAccount agent = new ServiceAccount(namespace, "kpod-node-agent");
        ServiceAccount autoscaler = new ServiceAccount("kube-system", "horizontal-pod-autoscaler");
        return Stream.of(
                new Granted(
                        server,
                        "ask who somebody is and what they may (system:auth-delegator)",
                        Right.together(Stream.of(
                                Right.everywhere("create", "authentication.k8s.io", "tokenreviews"),
                                Right.everywhere("create", "authorization.k8s.io", "subjectaccessreviews"))),
                        MANIFESTS + "api-server/delegation.yaml (ClusterRoleBinding kpod-api-server-auth-delegator)"),
                new Granted(
                        server,
                        "read whom the kube-apiserver's requests are from (extension-apiserver-authentication-reader)",
                        Right.all(
                                "get list watch",
                                "",
                                "configmaps",
                                "kube-system",
                                "extension-apiserver-authentication"),
                        MANIFESTS
                                + "api-server/delegation.yaml (RoleBinding kpod-api-server-auth-reader in kube-system)"),
                new Granted(
                        server,
                        "follow pods, their nodes and owners",
                        Right.together(Stream.of(
                                Right.everywhere("get list watch", "", "pods"),
                                Right.everywhere("list watch", "", "nodes services"),
                                Right.everywhere(
                                        "list watch", "apps", "replicasets deployments statefulsets daemonsets"),
                                Right.everywhere("list watch", "batch", "jobs cronjobs"))),
                        MANIFESTS + "api-server/rbac.yaml (ClusterRole kpod-api-server)"),
                new Granted(
                        server,
                        "keep its APIServices right",
                        Right.together(Stream.concat(
                                Stream.of(Right.everywhere("create", "apiregistration.k8s.io", "apiservices")),
                                ApiServiceRegistration.NAMES.stream()
                                        .map(name -> Right.all(
                                                "get patch", "apiregistration.k8s.io", "apiservices", "", name)))),
                        MANIFESTS + "api-server/rbac.yaml (ClusterRole kpod-api-server)"),
                new Granted(
                        server,
                        "keep the authority that its replicas share",
                        Right.together(Stream.of(
                                Right.all("create", "", "secrets configmaps", namespace, ""),
                                Right.all("get", "", "secrets", namespace, "kpod-ca"),
                                Right.all("get patch", "", "configmaps", namespace, "kpod-ca"))),
                        MANIFESTS + "api-server/rbac.yaml (Role kpod-api-server)"),
                new Granted(
                        agent,
                        "find out where to push",
                        Right.together(Stream.of(
                                Right.all("list watch", "discovery.k8s.io", "endpointslices", namespace, ""),
                                Right.all("get", "", "configmaps", namespace, "kpod-ca"))),
                        MANIFESTS + "node-agent/rbac.yaml (Role kpod-node-agent)"),
                new Granted(
                        autoscaler,
                        "read custom metrics",
                        Right.everywhere("get list", "custom.metrics.k8s.io", "pods/" + METRIC),
                        MANIFESTS + "api-server/readers.yaml (ClusterRoleBinding kpod-autoscaling-hpa)"),
                new Granted(
                        autoscaler,
                        "read external metrics",
                        Right.everywhere("get list", "external.metrics.k8s.io", METRIC),
                        MANIFESTS + "api-server/readers.yaml (ClusterRoleBinding kpod-autoscaling-hpa)"));
    }
}
