package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The api-server's pods, found by the Service's selector as the endpoints are. */
final class ServerPodsCheck implements Check {
    @Override
    public String subject() {
        return "pods of the api-server";
    }

    @Override
    public List<Finding> look(Installed installed) {
        Map<String, String> selector = installed
                .foundService()
                .map(service -> service.getSpec().getSelector())
                .orElse(Map.of());
        if (selector.isEmpty()) {
            return List.of(); // servers outside the cluster, by EndpointSlices made by hand
        }
        List<Pod> pods = installed
                .client()
                .pods()
                .inNamespace(installed.namespace())
                .withLabels(selector)
                .list()
                .getItems();
        if (pods.isEmpty()) {
            return List.of(new Finding(
                    subject(),
                    "there is none with the labels of " + installed.service() + ": " + selector,
                    "kubectl apply -f manifests/kustomize/api-server/deployment.yaml"));
        }
        return pods.stream().flatMap(pod -> trouble(pod).stream()).toList();
    }

    private static Optional<Finding> trouble(Pod pod) {
        String of = "-n " + pod.getMetadata().getNamespace() + " "
                + pod.getMetadata().getName();
        return PodTrouble.of(pod)
                .map(trouble -> new Finding(
                        "pod " + pod.getMetadata().getNamespace() + "/"
                                + pod.getMetadata().getName(),
                        trouble,
                        "kubectl describe pod " + of + ", kubectl logs " + of));
    }
}
