package io.kpod.apiserver.certificate;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** ConfigMap {@code kpod-ca}: what the agents are to trust, and until when the former part of it stands there. */
final class PublishedAuthorities {
    private static final Logger log = LoggerFactory.getLogger("certificate");
    private static final String CERTIFICATES = "ca.crt";
    private static final String FIELD_MANAGER = "kpod-api-server";
    private static final String RETIRED_UNTIL = "kernelmetrics.kpod.io/retired-until";

    private final KubernetesClient client;
    private final String namespace;

    PublishedAuthorities(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** What it says. */
    Succession.Published read() {
        ConfigMap found = client.configMaps()
                .inNamespace(namespace)
                .withName(SharedAuthority.NAME)
                .get();
        if (found == null) {
            return Succession.Published.NOTHING;
        }
        return new Succession.Published(
                Objects.requireNonNullElse(found.getData(), Map.<String, String>of())
                        .getOrDefault(CERTIFICATES, ""),
                Objects.requireNonNullElse(found.getMetadata().getAnnotations(), Map.<String, String>of())
                        .getOrDefault(RETIRED_UNTIL, ""));
    }

    /** Has it say that. */
    void write(Succession.Published now) {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(SharedAuthority.NAME)
                        .withNamespace(namespace)
                        .withAnnotations(
                                now.retiredUntil().isEmpty() ? Map.of() : Map.of(RETIRED_UNTIL, now.retiredUntil()))
                        .endMetadata()
                        .addToData(CERTIFICATES, now.bundle())
                        .build())
                .fieldManager(FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
        log.info("wrote {} of ConfigMap {}/{}", CERTIFICATES, namespace, SharedAuthority.NAME);
    }
}
