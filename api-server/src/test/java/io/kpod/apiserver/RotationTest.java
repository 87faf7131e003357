package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.apiserver.certificate.CertificateAuthority;
import io.kpod.apiserver.certificate.KeyAndChain;
import io.kpod.apiserver.certificate.Pem;
import io.kpod.apiserver.registration.ApiServiceRegistration;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Certificates and authorities that live for seconds, of two replicas, under requests that may not fail. */
@Timeout(300)
class RotationTest {
    private static final String OWN = ApiServiceRegistration.NAMES.getFirst();

    @TempDir
    static Path folder;

    private static ControlPlane cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = ControlPlane.start();
        Installation.apply(cluster, folder);
        cluster.apply(folder, """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: kpod-api-server-2, namespace: kpod, labels: {kubernetes.io/service-name: kpod-api-server}}
                addressType: IPv4
                ports: [{name: https, port: 16443}, {name: ingest, port: 18443}]
                endpoints: [{addresses: [%s], conditions: {ready: true}}]
                """.formatted(ControlPlane.ADDRESS));
    }

    @AfterAll
    static void stop() throws Exception {
        if (cluster != null) {
            cluster.stop();
        }
    }

    @Test
    void leavesAndAuthoritiesFollowEachOtherWithoutOneFailedRequest() throws Exception {
        List<String> lives = List.of("--kpod.api.certificate-validity=10", "--kpod.api.authority-validity=40");
        try (ServerProcess first = server(6443, 8443, lives);
                ServerProcess second = server(16443, 18443, lives)) {
            available();
            Set<String> leaves = new TreeSet<>();
            Set<String> authorities = new TreeSet<>();
            List<Integer> published = new ArrayList<>();
            Load load = new Load(first.port(), second.port());
            try (load) {
                Instant end = Instant.now().plus(Duration.ofSeconds(90));
                while (!overlapBeganAndEnded(published) && Instant.now().isBefore(end)) {
                    List<X509Certificate> bundle = caBundle();
                    published.add(bundle.size());
                    bundle.forEach(authority ->
                            authorities.add(authority.getSerialNumber().toString()));
                    Thread.sleep(500);
                }
                leaves.addAll(load.leaves);
            }
            assertThat(load.failures).as(first.log() + second.log()).isEmpty();
            assertThat(load.aggregated.get()).isGreaterThan(50);
            assertThat(load.direct.get()).isGreaterThan(50);
            assertThat(leaves).hasSizeGreaterThanOrEqualTo(8); // of each replica one about every seven seconds
            assertThat(authorities).hasSizeGreaterThanOrEqualTo(2);
            assertThat(overlapBeganAndEnded(published))
                    .as("sizes of the published bundle: %s", published)
                    .isTrue();
            assertThat(first.log() + second.log()).containsOnlyOnce("ends soon: made its successor");
        }
    }

    private static boolean overlapBeganAndEnded(List<Integer> published) {
        int begin = published.indexOf(1); // before it: what another test published
        return begin >= 0 && published.lastIndexOf(2) > begin && published.getLast() == 1;
    }

    @Test
    void aGivenCertificateIsFollowedAndAHalfReplacedOneIsNot() throws Exception {
        CertificateAuthority former = CertificateAuthority.create("given", Instant.now());
        CertificateAuthority next = CertificateAuthority.create("given", Instant.now());
        Path tls = Files.createDirectory(folder.resolve("tls"));
        Path crt = tls.resolve("tls.crt");
        Path key = tls.resolve("tls.key");
        Path ca = tls.resolve("ca.crt");
        KeyAndChain before = signed(former);
        Files.writeString(crt, Pem.write(before.chain()));
        Files.writeString(key, Pem.write(before.key()));
        Files.writeString(ca, Pem.write(List.of(former.certificate())));
        List<String> given = List.of(
                "--kpod.api.tls-cert-file=" + crt,
                "--kpod.api.tls-key-file=" + key,
                "--kpod.api.tls-ca-file=" + ca,
                "--kpod.api.certificate-validity=10");
        try (ServerProcess first = server(6443, 8443, given);
                ServerProcess second = server(16443, 18443, given)) {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> caBundle().getFirst().equals(former.certificate()));
            available();
            Load load = new Load(first.port(), second.port());
            try (load) {
                KeyAndChain after = signed(next);
                Files.writeString(crt, Pem.write(after.chain()));
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> first.log()
                                .contains("is not that of the certificate in " + crt
                                        + "; the last good certificate stays in use"));
                Files.writeString(ca, Pem.write(List.of(next.certificate())));
                Files.writeString(key, Pem.write(after.key()));
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> caBundle().equals(List.of(next.certificate(), former.certificate()))
                                || caBundle().size() == 3);
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> load.leaves.contains(
                                after.leaf().getSerialNumber().toString()));
                await().atMost(Duration.ofSeconds(30)).until(() -> caBundle().equals(List.of(next.certificate())));
            }
            assertThat(load.failures).as(first.log() + second.log()).isEmpty();
            assertThat(load.aggregated.get()).isGreaterThan(10);
        }
    }

    /** Asks without a pause: through the kube-apiserver by kubectl, and each replica by a new TLS connection. */
    private static final class Load implements AutoCloseable {
        final Set<String> failures = new ConcurrentSkipListSet<>();
        final Set<String> leaves = new ConcurrentSkipListSet<>();
        final AtomicInteger aggregated = new AtomicInteger();
        final AtomicInteger direct = new AtomicInteger();
        private volatile boolean over;
        private final List<Thread> threads = new ArrayList<>();

        Load(int... ports) {
            threads.add(Thread.ofVirtual().start(() -> {
                while (!over) {
                    through();
                }
            }));
            for (int port : ports) {
                threads.add(Thread.ofVirtual().start(() -> {
                    while (!over) {
                        ask(port);
                    }
                }));
            }
        }

        private void through() {
            try {
                ControlPlane.Result answer =
                        cluster.tryKubectl("get", "--raw", "/apis/kernelmetrics.kpod.io/v1beta1/namespaces/shop/pods");
                if (answer.exit() != 0) {
                    failures.add(Instant.now() + " kubectl: " + answer.error());
                }
                aggregated.incrementAndGet();
            } catch (Exception | AssertionError e) {
                failures.add(Instant.now() + " kubectl: " + e);
            }
        }

        /** As a client that reads the published authorities before it connects. */
        private void ask(int port) {
            try {
                Path bundle = Files.createTempFile(folder, "bundle", ".crt");
                Files.writeString(bundle, published());
                ControlPlane.Result answer = cluster.curl(
                        "--no-insecure",
                        "--cacert",
                        bundle.toString(),
                        "--resolve",
                        "kpod-api-server.kpod.svc:" + port + ":" + ControlPlane.ADDRESS,
                        "-w",
                        "%{certs}\n%{http_code}",
                        "https://kpod-api-server.kpod.svc:" + port + "/livez");
                Files.delete(bundle);
                if (!answer.out().endsWith("\n200")) {
                    failures.add(Instant.now() + " port " + port + ": exit " + answer.exit() + " " + answer.out());
                } else {
                    leaves.add(Pem.readCertificates(answer.out())
                            .getFirst()
                            .getSerialNumber()
                            .toString());
                }
                direct.incrementAndGet();
            } catch (Exception | AssertionError e) {
                failures.add(Instant.now() + " port " + port + ": " + e);
            }
        }

        @Override
        public void close() {
            over = true;
            try {
                for (Thread one : threads) {
                    one.join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static String published() throws Exception {
        return cluster.kubectl("get", "configmap", "kpod-ca", "-n", "kpod", "-o", "jsonpath={.data.ca\\.crt}");
    }

    private static List<X509Certificate> caBundle() throws Exception {
        String text = cluster.kubectl("get", "apiservice", OWN, "-o", "jsonpath={.spec.caBundle}");
        return Pem.readCertificates(new String(Base64.getDecoder().decode(text), StandardCharsets.US_ASCII));
    }

    private static void available() throws Exception {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !cluster.kubectl("get", "apiservice", OWN, "-o", "jsonpath={.spec.caBundle}")
                        .isEmpty());
        cluster.kubectl("wait", "--for=condition=Available", "apiservice/" + OWN, "--timeout=40s");
    }

    private static KeyAndChain signed(CertificateAuthority authority) {
        return authority.signServer(List.of("kpod-api-server.kpod.svc"), List.of(), Instant.now(), Duration.ofHours(1));
    }

    private static ServerProcess server(int port, int ingestPort, List<String> settings) throws Exception {
        return new ServerProcess(
                cluster,
                folder,
                Installation.token(cluster, "kpod-api-server", "--duration=1h"),
                port,
                ingestPort,
                List.of(),
                settings);
    }
}
