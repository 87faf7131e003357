package io.kpod.apiserver.registration;

import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.APIServiceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done to APIServices in the cluster. Every step throws KubernetesClientException if it fails. */
final class ApiServices {
    /** The one that owns the others. */
    static final String OWN = "v1beta1.kernelmetrics.kpod.io";

    private static final Logger log = LoggerFactory.getLogger("registration");
    private static final String FIELD_MANAGER = "kpod-api-server";
    private static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    /** cert-manager's cainjector writes the caBundle of what is annotated so; two writers would not end. */
    private static final String INJECTED = "cert-manager.io/inject-";

    private static final int GROUP_PRIORITY = 100;
    private static final int PORT = 443;

    private final KubernetesClient client;
    private final ServiceName us;
    private final Supplier<String> bundle;

    ApiServices(KubernetesClient client, ServiceName us, Supplier<String> bundle) {
        this.client = client;
        this.us = us;
        this.bundle = bundle;
    }

    @Nullable
    APIService find(String name) {
        return client.apiServices().withName(name).get();
    }

    /** Makes one; if somebody else is faster it is left to them. */
    Standing create(SharedGroup group, SharedGroup.Version version, String ownUid) {
        String name = group.apiService(version);
        client.resource(new APIServiceBuilder()
                        .withMetadata(owned(name, ownUid))
                        .withNewSpec()
                        .withGroup(group.name())
                        .withVersion(version.name())
                        .withGroupPriorityMinimum(GROUP_PRIORITY)
                        .withVersionPriority(version.priority())
                        .withNewService(us.name(), us.namespace(), PORT)
                        .withCaBundle(caBundle())
                        .endSpec()
                        .build())
                .create();
        log.info("made APIService {}", name);
        return new Standing.Ours("is ours");
    }

    /**
     * Puts the caBundle of one that points to us right, and who owns it.
     *
     * @param ownUid of the APIService that owns it; empty: nobody
     */
    Standing keptRight(APIService found, String ownUid) {
        String name = found.getMetadata().getName();
        if (Boolean.TRUE.equals(found.getSpec().getInsecureSkipTLSVerify())) {
            return new Standing.Ours("is ours, but insecureSkipTLSVerify: remove that to have its certificate checked");
        }
        Map<String, String> annotations =
                Objects.requireNonNullElse(found.getMetadata().getAnnotations(), Map.of());
        if (annotations.keySet().stream().anyMatch(key -> key.startsWith(INJECTED))) {
            return new Standing.Ours("is ours, its caBundle is cert-manager's (annotation " + INJECTED
                    + "*): remove that to have kpod publish former authorities beside the present one");
        }
        String wanted = caBundle();
        if (!wanted.equals(found.getSpec().getCaBundle()) || !isOwned(found, ownUid)) {
            ObjectMeta metadata =
                    ownUid.isEmpty() ? new ObjectMetaBuilder().withName(name).build() : owned(name, ownUid);
            apply(new APIServiceBuilder()
                    .withMetadata(metadata)
                    .withNewSpec()
                    .withCaBundle(wanted)
                    .endSpec()
                    .build());
            log.info("wrote caBundle of APIService {}", name);
        }
        return new Standing.Ours("is ours");
    }

    /** Lets one that points to an adapter point to us. */
    Standing takeOver(APIService found, String ownUid) {
        String name = found.getMetadata().getName();
        apply(new APIServiceBuilder()
                .withMetadata(owned(name, ownUid))
                .withNewSpec()
                .withNewService(us.name(), us.namespace(), PORT)
                .withInsecureSkipTLSVerify(false)
                .withCaBundle(caBundle())
                .endSpec()
                .build());
        log.info(
                "took APIService {} over from Service {}/{}, to which requests for unknown metrics are passed on",
                name,
                found.getSpec().getService().getNamespace(),
                found.getSpec().getService().getName());
        return new Standing.Ours("is ours");
    }

    /** Deletes one that we made and that still points to us, unless it has been changed since it was found. */
    void withdraw(APIService found) {
        if (FIELD_MANAGER.equals(Objects.requireNonNullElse(found.getMetadata().getLabels(), Map.<String, String>of())
                .get(MANAGED_BY))) {
            client.resource(found).lockResourceVersion().delete();
            log.info(
                    "deleted APIService {}, which kpod had made",
                    found.getMetadata().getName());
        }
    }

    private void apply(APIService desired) {
        client.resource(desired).fieldManager(FIELD_MANAGER).forceConflicts().serverSideApply();
    }

    private static boolean isOwned(APIService found, String ownUid) {
        return ownUid.isEmpty()
                || found.getMetadata().getOwnerReferences().stream()
                        .anyMatch(owner -> owner.getUid().equals(ownUid));
    }

    private static ObjectMeta owned(String name, String ownUid) {
        return new ObjectMetaBuilder()
                .withName(name)
                .addToLabels(MANAGED_BY, FIELD_MANAGER)
                .addToLabels("app.kubernetes.io/part-of", "kpod")
                .addNewOwnerReference()
                .withApiVersion(HasMetadata.getApiVersion(APIService.class))
                .withKind(HasMetadata.getKind(APIService.class))
                .withName(OWN)
                .withUid(ownUid)
                .endOwnerReference()
                .build();
    }

    private String caBundle() {
        return Base64.getEncoder().encodeToString(bundle.get().getBytes(StandardCharsets.US_ASCII));
    }
}
