package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.kpod.apiserver.registration.ApiServiceRegistration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The Service's ports, and the EndpointSlices that must have a port of the same name with a ready endpoint: what
 * kube-aggregator's remote_available_controller and the agents look for.
 */
final class ServiceCheck implements Check {
    /** Of an APIService that names none. */
    static final int DEFAULT_PORT = 443;

    private static final String INGEST = "ingest";
    private static final String MANIFEST = "kubectl apply -f manifests/kustomize/api-server/service.yaml";

    @Override
    public String subject() {
        return "Service and EndpointSlices";
    }

    @Override
    public List<Finding> look(Installed installed) {
        String subject = installed.service().toString();
        Service service = installed
                .client()
                .services()
                .inNamespace(installed.namespace())
                .withName(installed.service().name())
                .get();
        if (service == null) {
            return List.of(new Finding.Fail(subject, "does not exist", MANIFEST));
        }
        if ("None".equals(service.getSpec().getClusterIP())) {
            return List.of(new Finding.Fail(
                    subject,
                    "is headless (clusterIP: None), and the kube-apiserver can't reach one without an address",
                    "delete it, then " + MANIFEST));
        }
        if ("ExternalName".equals(service.getSpec().getType())) {
            return List.of(new Finding.Ok(
                    subject, "leads to " + service.getSpec().getExternalName() + ", outside the cluster"));
        }
        List<Finding> findings = new ArrayList<>();
        List<EndpointSlice> slices = slices(installed);
        int wanted = wantedPort(installed);
        servicePort(service, wanted)
                .ifPresentOrElse(
                        port -> findings.addAll(endpoints(subject, slices, port)),
                        () -> findings.add(new Finding.Fail(
                                subject,
                                "has no port " + wanted + ", which the APIServices ask for; it has " + ports(service),
                                MANIFEST)));
        service.getSpec().getPorts().stream()
                .filter(port -> INGEST.equals(port.getName()))
                .findFirst()
                .ifPresentOrElse(
                        port -> findings.addAll(endpoints(subject, slices, port)),
                        () -> findings.add(new Finding.Fail(
                                subject,
                                "has no port named " + INGEST + ", which agents push to; it has " + ports(service),
                                MANIFEST)));
        return findings;
    }

    /** The port that the APIService of our own group asks for. */
    static int wantedPort(Installed installed) {
        return Optional.ofNullable(installed
                        .client()
                        .apiServices()
                        .withName(ApiServiceRegistration.NAMES.getFirst())
                        .get())
                .map(APIService::getSpec)
                .flatMap(spec -> Optional.ofNullable(spec.getService()))
                .flatMap(service -> Optional.ofNullable(service.getPort()))
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
        return Objects.requireNonNullElse(slice.getPorts(), List.<EndpointPort>of()).stream()
                .filter(each -> name(each.getName()).equals(name(port.getName())));
    }

    /** Readiness that is not said counts as ready, as for the kube-apiserver. */
    static long ready(EndpointSlice slice) {
        return slice.getEndpoints().stream()
                .filter(each -> each.getConditions() == null
                        || !Boolean.FALSE.equals(each.getConditions().getReady()))
                .mapToLong(each -> each.getAddresses().size())
                .sum();
    }

    private static List<Finding> endpoints(String subject, List<EndpointSlice> slices, ServicePort port) {
        String name = name(port.getName());
        if (slices.isEmpty()) {
            return List.of(new Finding.Fail(
                    subject,
                    "has no EndpointSlice: no pod matches its selector",
                    "compare its selector with the labels of the api-server's pods"));
        }
        List<EndpointSlice> matching = slices.stream()
                .filter(slice -> named(slice, port).findAny().isPresent())
                .toList();
        if (matching.isEmpty()) {
            return List.of(
                    new Finding.Fail(
                            subject,
                            "its port " + port.getPort() + " is named \"" + name + "\", its EndpointSlices' ports "
                                    + slices.stream()
                                            .flatMap(slice -> slice.getPorts().stream())
                                            .map(each -> "\"" + name(each.getName()) + "\"")
                                            .distinct()
                                            .collect(Collectors.joining(", ")),
                            "the names must be equal: the Service's port and its targetPort, or the EndpointSlice if that is made by hand"));
        }
        long ready = matching.stream().mapToLong(ServiceCheck::ready).sum();
        long all = matching.stream()
                .flatMap(slice -> slice.getEndpoints().stream())
                .mapToLong(each -> each.getAddresses().size())
                .sum();
        return List.of(
                ready == 0
                        ? new Finding.Fail(
                                subject,
                                "none of its " + all + " endpoints on port \"" + name + "\" is ready",
                                "see the line of the api-server's pods, and their /readyz?verbose")
                        : new Finding.Ok(subject, ready + " of " + all + " endpoints ready on port \"" + name + "\""));
    }

    private static String ports(Service service) {
        return service.getSpec().getPorts().stream()
                .map(port -> port.getPort() + " \"" + name(port.getName()) + "\"")
                .collect(Collectors.joining(", "));
    }

    private static String name(@Nullable String name) {
        return Objects.requireNonNullElse(name, "");
    }
}
