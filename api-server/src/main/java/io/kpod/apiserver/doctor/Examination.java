package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kpod.apiserver.status.Causes;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.stream.Stream;

/** All checks, in the order of a request: from the kube-apiserver to the server, then to the agents. */
final class Examination {
    static final List<Check> CHECKS = List.of(
            new ApiServiceCheck(),
            new GroupOwnerCheck(),
            new ServiceCheck(),
            new ServerPodsCheck(),
            new CertificateCheck(),
            new FrontProxyCheck(),
            new RightsCheck(),
            new ReaderRoleCheck(),
            new AgentPodsCheck(),
            new NodesCheck());

    private Examination() {}

    /** Looks at everything. */
    static List<Finding> of(Installed installed) {
        return CHECKS.stream().flatMap(check -> look(check, installed)).toList();
    }

    private static Stream<Finding> look(Check check, Installed installed) {
        try {
            return check.look(installed).stream();
        } catch (KubernetesClientException e) {
            return Stream.of(new Finding(
                    check.subject(),
                    "can't be looked at: " + Causes.of(e),
                    e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                            ? "ask as an administrator, or as manifests/kustomize/doctor does"
                            : "see the lines above, then look again"));
        }
    }
}
