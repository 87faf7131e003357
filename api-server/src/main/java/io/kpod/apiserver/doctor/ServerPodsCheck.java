package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The api-server's pods, found by the Service's selector as the endpoints are. */
final class ServerPodsCheck implements Check {
    @Override
    public String subject() {
        return "pods of the api-server";
    }

    @Override
    public List<Finding> look(Installed installed) {
        Service service = installed
                .client()
                .services()
                .inNamespace(installed.namespace())
                .withName(installed.service().name())
                .get();
        Map<String, String> selector =
                service == null ? null : service.getSpec().getSelector();
        if (selector == null || selector.isEmpty()) {
            return List.of();
        }
        List<Pod> pods = installed
                .client()
                .pods()
                .inNamespace(installed.namespace())
                .withLabels(selector)
                .list()
                .getItems();
        if (pods.isEmpty()) {
            return List.of(new Finding.Fail(
                    subject(),
                    "there is none with the labels of " + installed.service() + ": " + selector,
                    "kubectl apply -f manifests/kustomize/api-server/deployment.yaml"));
        }
        List<Finding> findings = new ArrayList<>();
        for (Pod pod : pods) {
            String name = "pod " + pod.getMetadata().getNamespace() + "/"
                    + pod.getMetadata().getName();
            findings.add(PodTrouble.of(pod)
                    .<Finding>map(trouble -> new Finding.Fail(
                            name,
                            trouble,
                            "kubectl logs -n " + installed.namespace() + " "
                                    + pod.getMetadata().getName()))
                    .orElseGet(() -> new Finding.Ok(name, "ready")));
        }
        return findings;
    }
}
