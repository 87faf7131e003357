package io.kpod.apiserver.registration;

import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.APIServiceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ServiceReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kpod.apiserver.health.HealthCheck;
import io.kpod.apiserver.status.Causes;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the caBundle of our APIServices what our certificates need (server-side apply of that one field). That of our
 * own group is part of the manifests; those of {@code custom.metrics.k8s.io}, of which a cluster has one adapter, are
 * made here where there are none, owned by the former, so that they go with it. An APIService that points to another
 * Service is that Service's: it is left alone, and said so. {@link #refresh} is called by one scheduler thread.
 */
public final class ApiServiceRegistration {
    private static final String OWN = "v1beta1.kernelmetrics.kpod.io";
    private static final String CUSTOM_METRICS = "custom.metrics.k8s.io";
    /** Of {@link #CUSTOM_METRICS}, by the priority that each has; the higher is preferred. */
    private static final Map<String, Integer> PRIORITIES = Map.of("v1beta1", 100, "v1beta2", 200);

    private static final int GROUP_PRIORITY = 100;
    private static final int PORT = 443;
    private static final String MANAGED_BY = "app.kubernetes.io/managed-by";

    /** APIServices that are kpod's if nobody else has them. */
    public static final List<String> NAMES = List.of(OWN, "v1beta1." + CUSTOM_METRICS, "v1beta2." + CUSTOM_METRICS);

    private static final Logger log = LoggerFactory.getLogger("registration");
    private static final String FIELD_MANAGER = "kpod-api-server";

    private final KubernetesClient client;
    private final String namespace;
    private final String service;
    private final Supplier<String> bundle;
    /** What was last said of each, so that a change is logged and a repetition is not. */
    private final Map<String, Standing> standings = new ConcurrentHashMap<>();

    /** Of the APIService of our own group, which comes first; empty if there is none or it is not ours. */
    private String ownUid = "";

    private sealed interface Standing {
        record Ours(String remark) implements Standing {}

        record Foreign(String owner) implements Standing {}

        record Absent() implements Standing {}

        record Unknown(String problem) implements Standing {}
    }

    /**
     * Makes one.
     *
     * @param service our Service in {@code namespace}
     * @param bundle PEM of the authorities that clients should trust
     */
    public ApiServiceRegistration(KubernetesClient client, String namespace, String service, Supplier<String> bundle) {
        this.client = client;
        this.namespace = namespace;
        this.service = service;
        this.bundle = bundle;
    }

    /** Looks at each APIService, makes those that are missing and puts their caBundle right. */
    public void refresh() {
        ownUid = "";
        for (String name : NAMES) {
            Standing now;
            try {
                now = refresh(name);
            } catch (KubernetesClientException e) {
                now = new Standing.Unknown(Causes.of(e));
            }
            if (!now.equals(standings.put(name, now))) {
                say(name, now);
            }
        }
    }

    /**
     * For {@code /readyz?verbose}: who has which APIService. Bad only until each has been looked at: what is not ours
     * does not keep the others from being served.
     */
    public HealthCheck check() {
        return new HealthCheck("apiservices", () -> {
            if (standings.size() < NAMES.size()) {
                return new HealthCheck.State.Bad("the APIServices have not been looked at yet");
            }
            List<String> remarks = new ArrayList<>();
            NAMES.forEach(name -> remarks.add(name + " "
                    + switch (standings.get(name)) {
                        case null -> "not looked at yet";
                        case Standing.Ours(String remark) -> remark;
                        case Standing.Foreign(String owner) -> "is served by " + owner + ", not by kpod";
                        case Standing.Absent() -> "does not exist";
                        case Standing.Unknown(String problem) -> "can't be looked at: " + problem;
                    }));
            return new HealthCheck.State.Good(String.join("; ", remarks));
        });
    }

    /** 1 for each APIService that points to us, 0 for the others. */
    public void measure(MeterRegistry registry) {
        for (String name : NAMES) {
            Gauge.builder("kpod.api.apiservice.owned", () -> standings.get(name) instanceof Standing.Ours ? 1 : 0)
                    .description("1 if the APIService points to kpod's Service")
                    .tag("apiservice", name)
                    .register(registry);
        }
    }

    private Standing refresh(String name) {
        APIService found = client.apiServices().withName(name).get();
        if (found == null) {
            return name.equals(OWN) || ownUid.isEmpty() ? new Standing.Absent() : create(name);
        }
        ServiceReference reference = found.getSpec().getService();
        if (reference == null) {
            return new Standing.Foreign("the kube-apiserver itself");
        }
        if (!namespace.equals(reference.getNamespace()) || !service.equals(reference.getName())) {
            return new Standing.Foreign("Service " + reference.getNamespace() + "/" + reference.getName());
        }
        if (name.equals(OWN)) {
            ownUid = found.getMetadata().getUid();
        }
        if (Boolean.TRUE.equals(found.getSpec().getInsecureSkipTLSVerify())) {
            return new Standing.Ours("is ours, but insecureSkipTLSVerify: remove that to have its certificate checked");
        }
        String wanted = caBundle();
        if (!wanted.equals(found.getSpec().getCaBundle()) || !(name.equals(OWN) || isOwned(found))) {
            apply(name, wanted);
        }
        return new Standing.Ours("is ours");
    }

    /** Makes one of {@link #CUSTOM_METRICS}; if somebody else is faster it is left to them. */
    private Standing create(String name) {
        String version = name.substring(0, name.indexOf('.'));
        client.resource(new APIServiceBuilder()
                        .withMetadata(owned(name))
                        .withNewSpec()
                        .withGroup(CUSTOM_METRICS)
                        .withVersion(version)
                        .withGroupPriorityMinimum(GROUP_PRIORITY)
                        .withVersionPriority(PRIORITIES.get(version))
                        .withNewService(service, namespace, PORT)
                        .withCaBundle(caBundle())
                        .endSpec()
                        .build())
                .create();
        log.info("made APIService {}", name);
        return new Standing.Ours("is ours");
    }

    private void apply(String name, String caBundle) {
        ObjectMeta metadata = name.equals(OWN) || ownUid.isEmpty()
                ? new ObjectMetaBuilder().withName(name).build()
                : owned(name);
        client.resource(new APIServiceBuilder()
                        .withMetadata(metadata)
                        .withNewSpec()
                        .withCaBundle(caBundle)
                        .endSpec()
                        .build())
                .fieldManager(FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
        log.info("wrote caBundle of APIService {}", name);
    }

    private boolean isOwned(APIService found) {
        return ownUid.isEmpty()
                || found.getMetadata().getOwnerReferences().stream()
                        .anyMatch(owner -> owner.getUid().equals(ownUid));
    }

    private ObjectMeta owned(String name) {
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

    private static void say(String name, Standing standing) {
        switch (standing) {
            case Standing.Ours(String remark) -> log.info("APIService {} {}", name, remark);
            case Standing.Foreign(String owner) ->
                log.warn(
                        "APIService {} is served by {}: kpod leaves it alone; delete it to let kpod have it",
                        name,
                        owner);
            case Standing.Absent() -> log.warn("APIService {} does not exist: apply kpod's manifests", name);
            case Standing.Unknown(String problem) -> log.warn("APIService {} can't be looked at: {}", name, problem);
        }
    }
}
