package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.kpod.apiserver.certificate.Pem;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether the kube-apiserver says by whose certificates it is known as a front proxy. */
final class FrontProxyCheck implements Check {
    private static final String NAMESPACE = "kube-system";
    private static final String NAME = "extension-apiserver-authentication";
    private static final String AUTHORITIES = "requestheader-client-ca-file";

    @Override
    public String subject() {
        return "ConfigMap " + NAMESPACE + "/" + NAME;
    }

    @Override
    public List<Finding> look(Installed installed) {
        String pem = Optional.ofNullable(installed
                        .client()
                        .configMaps()
                        .inNamespace(NAMESPACE)
                        .withName(NAME)
                        .get())
                .map(ConfigMap::getData)
                .orElse(Map.of())
                .getOrDefault(AUTHORITIES, "");
        try {
            Pem.readCertificates(pem);
            return List.of();
        } catch (IOException e) {
            return List.of(
                    new Finding(
                            subject(),
                            AUTHORITIES + " can't be used (" + e.getMessage()
                                    + "), so no request that is passed on is believed",
                            "start the kube-apiserver with --requestheader-client-ca-file, --proxy-client-cert-file and --proxy-client-key-file"));
        }
    }
}
