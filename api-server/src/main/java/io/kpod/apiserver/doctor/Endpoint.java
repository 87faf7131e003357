package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a replica listens.
 *
 * @param pod its name; empty if no pod is behind the address
 */
record Endpoint(String address, int port, String pod) {
    /** Of an APIService that names none. */
    private static final int DEFAULT_PORT = 443;

    /** The ready ones behind the Service's port that the APIServices ask for. */
    static List<Endpoint> of(Installed installed) {
        int wanted = wantedPort(installed);
        List<EndpointSlice> slices = slices(installed);
        return installed.foundService().flatMap(service -> servicePort(service, wanted)).stream()
                .flatMap(port -> slices.stream()
                        .flatMap(slice -> named(slice, port).flatMap(named -> of(slice, named.getPort()))))
                .toList();
    }

    private static Stream<Endpoint> of(EndpointSlice slice, int port) {
        return all(slice)
                .filter(Endpoint::isReady)
                .map(each -> new Endpoint(
                        each.getAddresses().getFirst(),
                        port,
                        each.getTargetRef() == null ? "" : each.getTargetRef().getName()));
    }

    /** The port that kpod's APIServices ask for. */
    static int wantedPort(Installed installed) {
        return installed.apiServices().stream()
                .filter(installed::isOurs)
                .flatMap(each -> Stream.ofNullable(each.getSpec().getService().getPort()))
                .findFirst()
                .orElse(DEFAULT_PORT);
    }

    static Optional<ServicePort> servicePort(Service service, int wanted) {
        return service.getSpec().getPorts().stream()
                .filter(port -> port.getPort() == wanted)
                .findFirst();
    }

    static List<EndpointSlice> slices(Installed installed) {
        return installed
                .client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(installed.namespace())
                .withLabel("kubernetes.io/service-name", installed.service().name())
                .list()
                .getItems();
    }

    /** Ports of a slice that are called as the Service's. */
    static Stream<EndpointPort> named(EndpointSlice slice, ServicePort port) {
        return ports(slice).filter(each -> name(each.getName()).equals(name(port.getName())));
    }

    /** Of a slice without endpoints there may be none. */
    static Stream<EndpointPort> ports(EndpointSlice slice) {
        return Objects.requireNonNullElse(slice.getPorts(), List.<EndpointPort>of()).stream();
    }

    /** Ready or not. */
    static Stream<io.fabric8.kubernetes.api.model.discovery.v1.Endpoint> all(EndpointSlice slice) {
        return Objects.requireNonNullElse(
                slice.getEndpoints(), List.<io.fabric8.kubernetes.api.model.discovery.v1.Endpoint>of())
                .stream();
    }

    /** Readiness that is not said counts as ready, as for the kube-apiserver. */
    static boolean isReady(io.fabric8.kubernetes.api.model.discovery.v1.Endpoint endpoint) {
        return endpoint.getConditions() == null
                || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
    }

    static String name(@Nullable String name) {
        return Objects.requireNonNullElse(name, "");
    }

    @Override
    public String toString() {
        return (pod.isEmpty() ? "" : "pod " + pod + ", ") + address + ":" + port;
    }
}
