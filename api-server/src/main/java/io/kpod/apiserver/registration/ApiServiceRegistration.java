package io.kpod.apiserver.registration;

import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.APIServiceBuilder;
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
 * Keeps the caBundle of our APIServices what our certificates need (server-side apply of that one field). An APIService
 * that points to another Service is that Service's: it is left alone, and said so. {@link #refresh} is called by one
 * scheduler thread.
 */
public final class ApiServiceRegistration {
    /** APIServices that are kpod's if nobody else has them. */
    public static final List<String> NAMES =
            List.of("v1beta1.kernelmetrics.kpod.io", "v1beta1.custom.metrics.k8s.io", "v1beta2.custom.metrics.k8s.io");

    private static final Logger log = LoggerFactory.getLogger("registration");
    private static final String FIELD_MANAGER = "kpod-api-server";

    private final KubernetesClient client;
    private final String namespace;
    private final String service;
    private final Supplier<String> bundle;
    /** What was last said of each, so that a change is logged and a repetition is not. */
    private final Map<String, Standing> standings = new ConcurrentHashMap<>();

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

    /** Looks at each APIService and puts its caBundle right. */
    public void refresh() {
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

    /** For {@code /readyz?verbose}: who has which APIService. Never bad: the other groups are served on. */
    public HealthCheck check() {
        return new HealthCheck("apiservices", () -> {
            List<String> remarks = new ArrayList<>();
            NAMES.forEach(name -> remarks.add(name + " " + switch (standings.get(name)) {
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
            return new Standing.Absent();
        }
        ServiceReference reference = found.getSpec().getService();
        if (reference == null) {
            return new Standing.Foreign("the kube-apiserver itself");
        }
        if (!namespace.equals(reference.getNamespace()) || !service.equals(reference.getName())) {
            return new Standing.Foreign("Service " + reference.getNamespace() + "/" + reference.getName());
        }
        String wanted = Base64.getEncoder().encodeToString(bundle.get().getBytes(StandardCharsets.US_ASCII));
        if (Boolean.TRUE.equals(found.getSpec().getInsecureSkipTLSVerify())) {
            return new Standing.Ours("is ours, but insecureSkipTLSVerify: remove that to have its certificate checked");
        }
        if (!wanted.equals(found.getSpec().getCaBundle())) {
            apply(name, wanted);
        }
        return new Standing.Ours("is ours");
    }

    private void apply(String name, String caBundle) {
        client.resource(new APIServiceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .withCaBundle(caBundle)
                        .endSpec()
                        .build())
                .fieldManager(FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
        log.info("wrote caBundle of APIService {}", name);
    }

    private static void say(String name, Standing standing) {
        switch (standing) {
            case Standing.Ours(String remark) -> log.info("APIService {} {}", name, remark);
            case Standing.Foreign(String owner) ->
                log.warn("APIService {} is served by {}: kpod leaves it alone; delete it to let kpod have it", name, owner);
            case Standing.Absent() -> log.warn("APIService {} does not exist: apply kpod's manifests", name);
            case Standing.Unknown(String problem) -> log.warn("APIService {} can't be looked at: {}", name, problem);
        }
    }
}
