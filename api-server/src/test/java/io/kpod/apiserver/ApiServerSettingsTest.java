package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kpod.apiserver.certificate.GivenFiles;
import io.kpod.apiserver.certificate.Lifetimes;
import io.kpod.apiserver.passthrough.Adapter;
import io.kpod.apiserver.query.NamespaceFilter;
import io.kpod.configuration.Configuration;
import io.kpod.configuration.ConfigurationException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiServerSettingsTest {
    @Test
    void defaultsAreThoseOfACluster() throws Exception {
        assertThat(settings())
                .isEqualTo(new ApiServerSettings(
                        ApiServerSettings.Mode.CLUSTER,
                        "0.0.0.0",
                        6443,
                        8443,
                        "kpod",
                        "kpod-api-server",
                        "",
                        Path.of("kpod-state"),
                        new Lifetimes(Duration.ofHours(24), Duration.ofDays(365)),
                        Optional.empty(),
                        Duration.ofMinutes(5),
                        Duration.ofSeconds(30),
                        Duration.ZERO,
                        "system:serviceaccount:kpod:kpod-node-agent",
                        Map.of(),
                        50,
                        200,
                        new NamespaceFilter(Set.of("kube-system", "kube-public"), Set.of())));
    }

    @Test
    void everyKeyIsTaken() throws Exception {
        List<String> arguments = List.of(
                "--kpod.api.mode=standalone",
                "--kpod.api.address=::1",
                "--kpod.api.port=1",
                "--kpod.api.ingest-port=2",
                "--kpod.api.namespace=ns",
                "--kpod.api.service=svc",
                "--kpod.api.pod-ip=10.0.0.1",
                "--kpod.api.state-dir=/state",
                "--kpod.api.certificate-validity=3600",
                "--kpod.api.authority-validity=14400",
                "--kpod.api.tls-cert-file=",
                "--kpod.api.tls-key-file=",
                "--kpod.api.tls-ca-file=",
                "--kpod.api.retention=60000",
                "--kpod.api.ready-bound=5000",
                "--kpod.api.drain=3000",
                "--kpod.ingest.service-account=system:serviceaccount:a:b",
                "--kpod.api.custom-metrics-adapter=monitoring/prometheus-adapter",
                "--kpod.api.custom-metrics-adapter-ca-file=/adapter/ca.crt",
                "--kpod.api.external-metrics-adapter=keda/keda-metrics:6443",
                "--kpod.api.external-metrics-adapter-ca-file=",
                "--kpod.api.watches-per-user=3",
                "--kpod.api.watches=4",
                "--kpod.filter.exclude-namespaces=x,y",
                "--kpod.filter.namespaces=z");
        assertThat(arguments).hasSameSizeAs(ApiServerSettings.KEYS);
        assertThat(settings(arguments.toArray(String[]::new)))
                .isEqualTo(new ApiServerSettings(
                        ApiServerSettings.Mode.STANDALONE,
                        "::1",
                        1,
                        2,
                        "ns",
                        "svc",
                        "10.0.0.1",
                        Path.of("/state"),
                        new Lifetimes(Duration.ofHours(1), Duration.ofHours(4)),
                        Optional.empty(),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(3),
                        "system:serviceaccount:a:b",
                        Map.of(
                                "custom.metrics.k8s.io",
                                new Adapter("monitoring", "prometheus-adapter", 443, Path.of("/adapter/ca.crt")),
                                "external.metrics.k8s.io",
                                new Adapter("keda", "keda-metrics", 6443, Path.of(""))),
                        3,
                        4,
                        new NamespaceFilter(Set.of("x", "y"), Set.of("z"))));
    }

    @Test
    void aCertificateIsGivenAsThreeFiles() throws Exception {
        assertThat(settings(
                                "--kpod.api.tls-cert-file=/tls/tls.crt",
                                "--kpod.api.tls-key-file=/tls/tls.key",
                                "--kpod.api.tls-ca-file=/tls/ca.crt")
                        .givenCertificate())
                .contains(new GivenFiles(Path.of("/tls/tls.crt"), Path.of("/tls/tls.key"), Path.of("/tls/ca.crt")));
        assertThatThrownBy(() -> settings("--kpod.api.tls-cert-file=/tls/tls.crt"))
                .hasMessageContaining("set kpod.api.tls-key-file, kpod.api.tls-ca-file too, or none");
        assertThatThrownBy(() -> settings(
                        "--kpod.api.mode=standalone",
                        "--kpod.api.tls-cert-file=a",
                        "--kpod.api.tls-key-file=b",
                        "--kpod.api.tls-ca-file=c"))
                .hasMessageContaining("kpod.api.mode=cluster alone");
        assertThatThrownBy(() -> settings(
                        "--kpod.api.custom-metrics-adapter=monitoring/adapter",
                        "--kpod.api.tls-cert-file=a",
                        "--kpod.api.tls-key-file=b",
                        "--kpod.api.tls-ca-file=c"))
                .hasMessageContaining(
                        "kpod.api.custom-metrics-adapter: kpod shows an adapter a certificate of its own");
    }

    @Test
    void anAuthorityOutlivesWhatItSigns() {
        assertThatThrownBy(() -> settings("--kpod.api.certificate-validity=100", "--kpod.api.authority-validity=399"))
                .hasMessageContaining("kpod.api.authority-validity: 399 s is less than 4 times")
                .hasMessageContaining("set it to 400 or more");
    }

    @Test
    void standaloneListensOnLoopback() throws Exception {
        assertThat(settings("--kpod.api.mode=standalone").address()).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kpod.api.mode=alone",
                "kpod.api.port=65536",
                "kpod.api.address=everywhere",
                "kpod.api.address=999.1.1.1",
                "kpod.api.pod-ip=10.0.0",
                "kpod.api.namespace=A_B",
                "kpod.api.retention=1",
                "kpod.ingest.service-account=agent",
                "kpod.api.custom-metrics-adapter=prometheus-adapter",
                "kpod.api.custom-metrics-adapter=monitoring/adapter:65536",
                "kpod.api.external-metrics-adapter=kpod/kpod-api-server"
            })
    void badValuesAreNamed(String setting) {
        String[] parts = setting.split("=");
        assertThatThrownBy(() -> settings("--" + setting))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(parts[0])
                .hasMessageContaining(parts[1]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"kpod.api.namespace", "kpod.api.service", "kpod.ingest.service-account"})
    void whatMustBeNamedCantBeEmpty(String key) {
        assertThatThrownBy(() -> settings("--" + key + "="))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(key);
    }

    private static ApiServerSettings settings(String... arguments) throws ConfigurationException {
        return ApiServerSettings.of(Configuration.load(ApiServerSettings.KEYS, List.of(arguments), Map.of()));
    }
}
