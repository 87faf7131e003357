package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a replica listens.
 *
 * @param pod its name; empty if no pod is behind the address
 */
record Endpoint(String address, int port, String pod) {
    /** Those behind the Service's port that the APIServices ask for, ready ones and others. */
    static List<Endpoint> of(Installed installed) {
        int wanted = ServiceCheck.wantedPort(installed);
        return Stream.ofNullable(installed
                        .client()
                        .services()
                        .inNamespace(installed.namespace())
                        .withName(installed.service().name())
                        .get())
                .flatMap(service -> ServiceCheck.servicePort(service, wanted).stream())
                .flatMap(port -> ServiceCheck.slices(installed).stream()
                        .flatMap(slice -> ServiceCheck.named(slice, port).flatMap(named -> of(slice, named.getPort()))))
                .toList();
    }

    private static Stream<Endpoint> of(EndpointSlice slice, int port) {
        return slice.getEndpoints().stream()
                .map(each -> new Endpoint(
                        each.getAddresses().getFirst(),
                        port,
                        each.getTargetRef() == null ? "" : each.getTargetRef().getName()));
    }

    @Override
    public String toString() {
        return (pod.isEmpty() ? "" : "pod " + pod + ", ") + address + ":" + port;
    }
}
