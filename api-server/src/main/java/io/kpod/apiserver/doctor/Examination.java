package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kpod.apiserver.status.Causes;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.stream.Stream;

/** All checks, in the order of a request: from the kube-apiserver to the server, then to the agents. */
final class Examination {
    private static final List<Check> CHECKS = List.of(
            new ApiServiceCheck(),
            new GroupOwnerCheck(),
            new ServiceCheck(),
            new ServerPodsCheck(),
            new CertificateCheck(),
            new AuthenticationConfigCheck(),
            new RightsCheck(),
            new ReaderRoleCheck(),
            new DaemonSetCheck(),
            new HeardCheck(),
            new CollectorCheck());

    private Examination() {}

    /** Looks at everything. */
    static List<Finding> of(Installed installed) {
        return CHECKS.stream().flatMap(check -> look(check, installed)).toList();
    }

    private static Stream<Finding> look(Check check, Installed installed) {
        try {
            return check.look(installed).stream();
        } catch (KubernetesClientException e) {
            String wayOut = e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                    ? "run it as somebody who may (an administrator, or manifests/kustomize/doctor)"
                    : "see the lines above, then run it again";
            return Stream.of(new Finding.Unasked(check.subject(), "can't be asked: " + Causes.of(e), wayOut));
        }
    }
}
