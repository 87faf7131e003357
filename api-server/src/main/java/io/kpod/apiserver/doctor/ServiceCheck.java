package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The Service's ports, and the EndpointSlices that must have a port of the same name with a ready endpoint: what
 * kube-aggregator's remote_available_controller and the agents look for.
 */
final class ServiceCheck implements Check {
    private static final String INGEST = "ingest";
    private static final String MANIFEST = "kubectl apply -f manifests/kustomize/api-server/service.yaml";

    @Override
    public String subject() {
        return "Service and EndpointSlices";
    }

    @Override
    public List<Finding> look(Installed installed) {
        String subject = installed.service().toString();
        Optional<Service> found = installed.foundService();
        if (found.isEmpty()) {
            return List.of(new Finding(subject, "does not exist", MANIFEST));
        }
        Service service = found.get();
        // where no pod matches, Kubernetes keeps an EndpointSlice without endpoints and ports
        List<EndpointSlice> slices = Endpoint.slices(installed).stream()
                .filter(slice -> Endpoint.all(slice).findAny().isPresent())
                .toList();
        List<Finding> findings = new ArrayList<>();
        int wanted = Endpoint.wantedPort(installed);
        Endpoint.servicePort(service, wanted)
                .map(port -> trouble(subject, slices, port))
                .orElseGet(() -> missing(subject, service, "port " + wanted + ", which the APIServices ask for"))
                .ifPresent(findings::add);
        service.getSpec().getPorts().stream()
                .filter(port -> INGEST.equals(port.getName()))
                .findFirst()
                .map(port -> trouble(subject, slices, port))
                .orElseGet(() -> missing(subject, service, "port named \"" + INGEST + "\", which agents look for"))
                .ifPresent(findings::add);
        return findings;
    }

    private static Optional<Finding> missing(String subject, Service service, String what) {
        String ports = service.getSpec().getPorts().stream()
                .map(port -> port.getPort() + " \"" + Endpoint.name(port.getName()) + "\"")
                .collect(Collectors.joining(", "));
        return Optional.of(new Finding(subject, "has no " + what + "; it has " + ports, MANIFEST));
    }

    private static Optional<Finding> trouble(String subject, List<EndpointSlice> slices, ServicePort port) {
        String name = Endpoint.name(port.getName());
        if (slices.isEmpty()) {
            return Optional.of(new Finding(
                    subject,
                    "has no endpoint: no pod matches its selector",
                    "compare its selector with the labels of the api-server's pods"));
        }
        List<EndpointSlice> matching = slices.stream()
                .filter(slice -> Endpoint.named(slice, port).findAny().isPresent())
                .toList();
        if (matching.isEmpty()) {
            String others = slices.stream()
                    .flatMap(Endpoint::ports)
                    .map(each -> "\"" + Endpoint.name(each.getName()) + "\"")
                    .distinct()
                    .collect(Collectors.joining(", "));
            return Optional.of(
                    new Finding(
                            subject,
                            "its port " + port.getPort() + " is named \"" + name + "\", those of its EndpointSlices "
                                    + others,
                            "make the names equal: the Service's port and its targetPort, or the EndpointSlice if that is made by hand"));
        }
        long ready = matching.stream()
                .flatMap(Endpoint::all)
                .filter(Endpoint::isReady)
                .count();
        return ready > 0
                ? Optional.empty()
                : Optional.of(new Finding(
                        subject,
                        "no endpoint of its port \"" + name + "\" is ready",
                        "see the line of the api-server's pods, and their /readyz?verbose"));
    }
}
