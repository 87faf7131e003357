package io.kpod.apiserver.registration;

import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.ServiceReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kpod.apiserver.health.HealthCheck;
import io.kpod.apiserver.status.Causes;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the caBundle of our APIServices what our certificates need (server-side apply of that one field). That of our
 * own group is part of the manifests; those of the groups of which a cluster has one adapter ({@link SharedGroup}) are
 * made here where there are none, owned by the former, so that they go with it. A group of which any APIService points
 * to another Service is that Service's: it is left alone as a whole, and said so, unless that Service is the adapter
 * that the settings put behind us. {@link #refresh} is called by one scheduler thread.
 */
public final class ApiServiceRegistration {
    private static final String OWN = ApiServices.OWN;

    /** APIServices that are kpod's if nobody else has them. */
    public static final List<String> NAMES = Stream.concat(
                    Stream.of(OWN), SharedGroup.ALL.stream().flatMap(SharedGroup::apiServices))
            .toList();

    private static final Logger log = LoggerFactory.getLogger("registration");

    private final ApiServices apiServices;
    private final ServiceName us;
    private final Map<String, ServiceName> adapters;
    /** What was last said of each, so that a change is logged and a repetition is not. */
    private final Map<String, Standing> standings = new ConcurrentHashMap<>();

    /** Those that pointed to us when they could last be looked at. */
    private final Set<String> owned = ConcurrentHashMap.newKeySet();

    /** Of the APIService of our own group, which comes first; empty if there is none or it is not ours. */
    private String ownUid = "";

    /**
     * Makes one.
     *
     * @param us our Service
     * @param adapters by group: Services from which the group is taken over, because we pass requests on to them
     * @param bundle PEM of the authorities that clients should trust
     */
    public ApiServiceRegistration(
            KubernetesClient client, ServiceName us, Map<String, ServiceName> adapters, Supplier<String> bundle) {
        this.apiServices = new ApiServices(client, us, bundle);
        this.us = us;
        this.adapters = Map.copyOf(adapters);
    }

    /** Looks at each APIService, makes those that are missing and puts their caBundle right. */
    public void refresh() {
        ownUid = "";
        now(OWN, attempt(this::refreshOwn));
        for (SharedGroup group : SharedGroup.ALL) {
            try {
                refresh(group);
            } catch (KubernetesClientException e) {
                group.apiServices().forEach(name -> now(name, new Standing.Unknown(Causes.of(e))));
            }
        }
    }

    /**
     * For {@code /readyz?verbose}: who has which APIService. Bad only until each has been looked at: what is not ours
     * does not keep the others from being served.
     */
    public HealthCheck check() {
        return new HealthCheck(
                "apiservices",
                () -> standings.size() < NAMES.size()
                        ? new HealthCheck.State.Bad("the APIServices have not been looked at yet")
                        : new HealthCheck.State.Good(NAMES.stream()
                                .map(name -> name + " " + standings.get(name).remark())
                                .collect(Collectors.joining("; "))));
    }

    /** Whether a version of a group is served by us: our own always, others by what was last seen. */
    public boolean owns(String group, String version) {
        String name = version + "." + group;
        return name.equals(OWN) || owned.contains(name);
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

    private Standing refreshOwn() {
        APIService found = apiServices.find(OWN);
        if (found == null) {
            return new Standing.Absent();
        }
        Optional<String> other = other(found, null);
        if (other.isPresent()) {
            return new Standing.Foreign(other.get());
        }
        ownUid = found.getMetadata().getUid();
        return apiServices.keptRight(found, "");
    }

    private void refresh(SharedGroup group) {
        Map<String, APIService> found = new HashMap<>();
        String foreign = null;
        String owner = "";
        for (String name : group.apiServices().toList()) {
            APIService one = apiServices.find(name);
            if (one != null) {
                found.put(name, one);
                Optional<String> other = other(one, adapters.get(group.name()));
                if (other.isPresent()) {
                    foreign = name;
                    owner = other.get();
                }
            }
        }
        for (SharedGroup.Version version : group.versions()) {
            String name = group.apiService(version);
            APIService one = found.get(name);
            if (foreign == null) {
                now(name, attempt(() -> kept(group, version, one)));
            } else if (one != null && other(one, adapters.get(group.name())).isPresent()) {
                now(name, new Standing.Foreign(other(one, null).orElse(owner)));
            } else {
                if (one != null) {
                    apiServices.withdraw(one);
                }
                now(name, new Standing.LeftAlone(foreign, owner));
            }
        }
    }

    private Standing kept(SharedGroup group, SharedGroup.Version version, @Nullable APIService found) {
        if (found == null) {
            return ownUid.isEmpty() ? new Standing.Absent() : apiServices.create(group, version, ownUid);
        }
        Optional<String> adapter = other(found, null);
        if (adapter.isEmpty()) {
            return apiServices.keptRight(found, ownUid);
        }
        return ownUid.isEmpty() ? new Standing.Foreign(adapter.get()) : apiServices.takeOver(found, ownUid);
    }

    /** Who has it, if that is neither we nor the adapter behind us. */
    private Optional<String> other(APIService found, @Nullable ServiceName adapter) {
        ServiceReference reference = found.getSpec().getService();
        if (reference == null) {
            return Optional.of("the kube-apiserver itself");
        }
        ServiceName service = new ServiceName(reference.getNamespace(), reference.getName());
        return service.equals(us) || service.equals(adapter) ? Optional.empty() : Optional.of(service.toString());
    }

    private static Standing attempt(Supplier<Standing> step) {
        try {
            return step.get();
        } catch (KubernetesClientException e) {
            return new Standing.Unknown(Causes.of(e));
        }
    }

    private void now(String name, Standing standing) {
        switch (standing) {
            case Standing.Ours ours -> owned.add(name);
            case Standing.Foreign foreign -> owned.remove(name);
            case Standing.LeftAlone left -> owned.remove(name);
            case Standing.Absent absent -> owned.remove(name);
            case Standing.Unknown unknown -> {}
        }
        if (!standing.equals(standings.put(name, standing))) {
            standing.say(log, name);
        }
    }
}
