package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.kpod.apiserver.registration.ServiceName;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The installation that is looked at.
 *
 * @param client with the rights of whoever asks
 * @param service that leads to the api-server; all else of kpod is in its namespace
 * @param clock of the machine that the doctor runs on
 */
record Installed(KubernetesClient client, ServiceName service, InstantSource clock) {
    private static final String OS = "kubernetes.io/os";
    private static final String LINUX = "linux";

    /** Where everything of kpod is. */
    String namespace() {
        return service.namespace();
    }

    /** What a kube-apiserver takes the server's certificate for. */
    String serverName() {
        return service.name() + "." + service.namespace() + ".svc";
    }

    /** The Service as it is in the cluster. */
    Optional<Service> foundService() {
        return Optional.ofNullable(client.services()
                .inNamespace(service.namespace())
                .withName(service.name())
                .get());
    }

    /** All of the cluster, kpod's or not. */
    List<APIService> apiServices() {
        return client.apiServices().list().getItems();
    }

    /** Whether an APIService points to our Service. */
    boolean isOurs(APIService apiService) {
        return owner(apiService).equals(Optional.of(service));
    }

    /** Whom an APIService points to; empty: the kube-apiserver itself. */
    static Optional<ServiceName> owner(APIService apiService) {
        return Optional.ofNullable(apiService.getSpec().getService())
                .map(reference -> new ServiceName(reference.getNamespace(), reference.getName()));
    }

    /** Names of the nodes that can have an agent. */
    List<String> linuxNodes() {
        return client.nodes().list().getItems().stream()
                .map(Node::getMetadata)
                .filter(node -> Objects.requireNonNullElse(node.getLabels(), Map.<String, String>of())
                        .getOrDefault(OS, LINUX)
                        .equals(LINUX))
                .map(node -> node.getName())
                .toList();
    }
}
