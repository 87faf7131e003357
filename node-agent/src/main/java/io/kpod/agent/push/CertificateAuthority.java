package io.kpod.agent.push;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the certificates come from that an API server's is checked against. Asked again whenever a check has failed.
 */
@FunctionalInterface
public interface CertificateAuthority {
    /**
     * PEM, one certificate or more.
     *
     * @throws IOException if there is none; says where it was looked for, and the way out
     */
    String pem() throws IOException;

    /** From a file. */
    static CertificateAuthority ofFile(Path file) {
        return () -> {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new IOException(
                        "kpod.push.ca-file " + file + " cannot be read (" + e + "): it is written by the api-server");
            }
        };
    }

    /** From key {@code ca.crt} of a ConfigMap, {@code NAMESPACE/NAME}, which the API server keeps right. */
    static CertificateAuthority ofConfigMap(KubernetesClient client, String configMap) {
        String namespace = configMap.substring(0, configMap.indexOf('/'));
        String name = configMap.substring(configMap.indexOf('/') + 1);
        return () -> {
            ConfigMap found =
                    client.configMaps().inNamespace(namespace).withName(name).get();
            String pem = found == null || found.getData() == null
                    ? null
                    : found.getData().get("ca.crt");
            if (pem == null) {
                throw new IOException("ConfigMap " + configMap + " has no ca.crt yet: it is written by the api-server");
            }
            return pem;
        };
    }
}
