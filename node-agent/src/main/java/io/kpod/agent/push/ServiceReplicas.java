package io.kpod.agent.push;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.kpod.agent.FailureLog;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The replicas behind a Service, by a watch of its EndpointSlices. One that is not ready counts: a replica becomes
 * ready by hearing from the nodes. One that is terminating does not.
 */
public final class ServiceReplicas implements Replicas, AutoCloseable {
    private static final String PORT_NAME = "ingest";

    private final FailureLog failures = new FailureLog(LoggerFactory.getLogger("push"));
    private final SharedIndexInformer<EndpointSlice> informer;
    private final String name;
    private volatile Set<URI> current = Set.of();

    /**
     * Starts the watch; returns at once.
     *
     * @param service {@code NAMESPACE/NAME}
     * @param changed called after the replicas have changed
     */
    public ServiceReplicas(KubernetesClient client, String service, Runnable changed) {
        String namespace = service.substring(0, service.indexOf('/'));
        String name = service.substring(service.indexOf('/') + 1);
        this.name = name + "." + namespace + ".svc";
        this.informer = client.resources(EndpointSlice.class)
                .inNamespace(namespace)
                .withLabel("kubernetes.io/service-name", name)
                .runnableInformer(0);
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(EndpointSlice slice) {
                update();
            }

            @Override
            public void onUpdate(EndpointSlice before, EndpointSlice slice) {
                update();
            }

            @Override
            public void onDelete(EndpointSlice slice, boolean finalStateUnknown) {
                update();
            }

            private void update() {
                Set<URI> found = addresses(informer.getStore().list());
                if (!found.equals(current)) {
                    current = found;
                    changed.run();
                }
            }
        });
        informer.exceptionHandler((started, failure) -> {
            failures.failed(
                    "watching the EndpointSlices of Service " + service + " at " + client.getMasterUrl() + " failed: "
                            + FailureLog.reason(failure) + "; pushing to the replicas known so far, trying again");
            return true;
        });
        informer.start();
    }

    @Override
    public Set<URI> current() {
        if (informer.isWatching()) {
            failures.works("watching the replicas again");
        }
        return current;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void close() {
        informer.stop();
    }

    static Set<URI> addresses(List<EndpointSlice> slices) {
        Set<URI> found = new HashSet<>();
        for (EndpointSlice slice : slices) {
            Integer port = ingestPort(slice.ports);
            if (port == null || slice.endpoints == null) {
                continue;
            }
            for (EndpointSlice.Endpoint endpoint : slice.endpoints) {
                if (!endpoint.terminating() && endpoint.addresses() != null) {
                    for (String address : endpoint.addresses()) {
                        String host = address.indexOf(':') >= 0 ? "[" + address + "]" : address;
                        found.add(URI.create("https://" + host + ":" + port));
                    }
                }
            }
        }
        return Set.copyOf(found);
    }

    private static @Nullable Integer ingestPort(@Nullable List<EndpointSlice.Port> ports) {
        if (ports != null) {
            for (EndpointSlice.Port port : ports) {
                if (PORT_NAME.equals(port.name())) {
                    return port.port();
                }
            }
        }
        return null;
    }
}
