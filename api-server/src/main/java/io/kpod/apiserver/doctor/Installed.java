package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.kpod.apiserver.registration.ServiceName;
import java.time.InstantSource;

/**
 * The installation that is looked at.
 *
 * @param client with the rights of whoever asks
 * @param service that leads to the api-server; all else of kpod is in its namespace
 * @param clock of the machine that the doctor runs on
 */
record Installed(KubernetesClient client, ServiceName service, InstantSource clock) {
    /** Where everything of kpod is. */
    String namespace() {
        return service.namespace();
    }

    /** What a kube-apiserver takes the server's certificate for. */
    String serverName() {
        return service.name() + "." + service.namespace() + ".svc";
    }
}
