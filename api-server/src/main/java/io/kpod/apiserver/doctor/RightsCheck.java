package io.kpod.apiserver.doctor;

import io.kpod.apiserver.registration.ApiServiceRegistration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether the api-server, the agents and the HPA controller may do what they must: each right asked by SubjectAccessReview. */
final class RightsCheck implements Check {
    private static final String MANIFESTS = "kubectl apply -f manifests/kustomize/";
    private static final String METRIC = "kpod_cpu_runqueue_latency_p99_seconds";
    private static final String APISERVICES = "apiservices.apiregistration.k8s.io";

    /**
     * Rights that one object of the manifests gives.
     *
     * @param purpose what they are for
     * @param manifest the file and, in brackets, the object
     */
    private record Granted(ServiceAccount account, String purpose, String manifest, List<List<Right>> rights) {}

    @Override
    public String subject() {
        return "rights";
    }

    @Override
    public List<Finding> look(Installed installed) {
        String namespace = installed.namespace();
        return Stream.of(
                        ofServer(new ServiceAccount(namespace, "kpod-api-server"), namespace),
                        ofAgent(new ServiceAccount(namespace, "kpod-node-agent"), namespace),
                        ofAutoscaler(new ServiceAccount("kube-system", "horizontal-pod-autoscaler")))
                .flatMap(List::stream)
                .flatMap(granted -> missing(granted, installed))
                .toList();
    }

    private static Stream<Finding> missing(Granted granted, Installed installed) {
        String missing = granted.rights().stream()
                .flatMap(List::stream)
                .filter(right -> !right.isOf(granted.account(), installed))
                .map(Right::toString)
                .collect(Collectors.joining(", "));
        return missing.isEmpty()
                ? Stream.empty()
                : Stream.of(new Finding(
                        granted.account().toString(),
                        "can't " + granted.purpose() + ", for it may not " + missing,
                        MANIFESTS + granted.manifest()));
    }

    private static List<Granted> ofServer(ServiceAccount server, String namespace) {
        return List.of(
                new Granted(
                        server,
                        "ask who somebody is and what they may",
                        "api-server/delegation.yaml (ClusterRoleBinding kpod-api-server-auth-delegator)",
                        List.of(
                                Right.everywhere("create", "tokenreviews.authentication.k8s.io"),
                                Right.everywhere("create", "subjectaccessreviews.authorization.k8s.io"))),
                new Granted(
                        server,
                        "read by whose certificates the kube-apiserver is known",
                        "api-server/delegation.yaml (RoleBinding kpod-api-server-auth-reader in kube-system)",
                        List.of(Right.on(
                                "get list watch", "configmaps", "kube-system", "extension-apiserver-authentication"))),
                new Granted(
                        server,
                        "follow pods, their nodes and owners",
                        "api-server/rbac.yaml (ClusterRole kpod-api-server)",
                        List.of(
                                Right.everywhere("get list watch", "pods"),
                                Right.everywhere("list watch", "nodes services"),
                                Right.everywhere(
                                        "list watch",
                                        "replicasets.apps deployments.apps statefulsets.apps daemonsets.apps jobs.batch cronjobs.batch"))),
                new Granted(
                        server,
                        "keep its APIServices right",
                        "api-server/rbac.yaml (ClusterRole kpod-api-server)",
                        List.of(
                                Right.everywhere("create", APISERVICES),
                                ApiServiceRegistration.NAMES.stream()
                                        .flatMap(name -> Right.on("get patch", APISERVICES, "", name).stream())
                                        .toList())),
                new Granted(
                        server,
                        "keep the authority that its replicas share",
                        "api-server/rbac.yaml (Role kpod-api-server)",
                        List.of(
                                Right.on("create", "secrets configmaps", namespace, ""),
                                Right.on("get update", "secrets", namespace, "kpod-ca"),
                                Right.on("get patch", "configmaps", namespace, "kpod-ca"))));
    }

    private static List<Granted> ofAgent(ServiceAccount agent, String namespace) {
        return List.of(new Granted(
                agent,
                "find out where to push",
                "node-agent/rbac.yaml (Role kpod-node-agent)",
                List.of(
                        Right.on("list watch", "endpointslices.discovery.k8s.io", namespace, ""),
                        Right.on("get", "configmaps", namespace, "kpod-ca"))));
    }

    private static List<Granted> ofAutoscaler(ServiceAccount autoscaler) {
        String manifest = "api-server/readers.yaml (ClusterRoleBinding kpod-autoscaling-hpa)";
        return List.of(
                new Granted(
                        autoscaler,
                        "read custom metrics",
                        manifest,
                        List.of(Right.everywhere("get list", "pods/" + METRIC + ".custom.metrics.k8s.io"))),
                new Granted(
                        autoscaler,
                        "read external metrics",
                        manifest,
                        List.of(Right.everywhere("get list", METRIC + ".external.metrics.k8s.io"))));
    }
}
