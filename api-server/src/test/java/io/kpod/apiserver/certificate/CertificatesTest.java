package io.kpod.apiserver.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kpod.apiserver.health.HealthCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificatesTest {
    private static final List<String> NAMES =
            List.of("svc.ns.svc", "svc", "svc.ns", "svc.ns.svc.cluster.local", "localhost");

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final AtomicReference<CertificateAuthority> authority =
            new AtomicReference<>(CertificateAuthority.create("test CA", now.get()));
    private final ServingCertificate serving = new ServingCertificate(
            authority::get, NAMES, List.of(InetAddress.ofLiteral("127.0.0.1")), Lifetimes.DEFAULT, now::get);

    @ParameterizedTest
    @ValueSource(strings = {"svc", "svc.ns", "svc.ns.svc", "svc.ns.svc.cluster.local", "localhost", "127.0.0.1"})
    void everyNameOfTheServiceIsProvedByTheHandshake(String name) throws Exception {
        assertThat(handshake(name)).isEqualTo(serving.expiry());
    }

    @Test
    void anotherNameIsNot() {
        assertThatThrownBy(() -> handshake("svc.other.svc")).isInstanceOf(IOException.class);
    }

    @Test
    void theLeafIsRenewedAfterTwoThirdsOfItsLife() {
        Instant first = serving.expiry();
        now.updateAndGet(t -> t.plus(Duration.ofHours(15)));
        serving.refresh();
        assertThat(serving.expiry()).isEqualTo(first);
        now.updateAndGet(t -> t.plus(Duration.ofHours(2)));
        serving.refresh();
        assertThat(serving.expiry()).isAfter(first);
    }

    @Test
    void theLeafIsRenewedWhenTheClockIsSetBackBeforeItsLife() throws Exception {
        Instant first = serving.expiry();
        now.updateAndGet(t -> t.minus(Duration.ofMinutes(4)));
        serving.refresh();
        assertThat(serving.expiry()).isEqualTo(first);
        now.updateAndGet(t -> t.minus(Duration.ofHours(3)));
        assertThat(serving.check().state().get())
                .isInstanceOfSatisfying(
                        HealthCheck.State.Bad.class,
                        bad -> assertThat(bad.reason()).contains("not valid before"));
        serving.refresh();
        assertThat(serving.expiry()).isBefore(first);
        assertThat(serving.check().state().get())
                .isInstanceOfSatisfying(
                        HealthCheck.State.Good.class,
                        good -> assertThat(good.remark()).contains("its authority not before"));
    }

    @Test
    void stateOfALaterTimeIsMadeAnew(@TempDir Path folder) throws Exception {
        StateDirectory state = new StateDirectory(folder);
        CertificateAuthority later = state.authority(now.get().plus(Duration.ofDays(1)));
        assertThat(state.authority(now.get()).certificate()).isNotEqualTo(later.certificate());
    }

    @Test
    void theLeafFollowsItsAuthority() throws Exception {
        authority.set(CertificateAuthority.create("test CA", now.get()));
        assertThatThrownBy(() -> handshake("svc")).isInstanceOf(IOException.class);
        serving.refresh();
        assertThat(handshake("svc")).isEqualTo(serving.expiry());
    }

    @Test
    void anAuthoritySurvivesBeingWrittenAndRead() throws Exception {
        CertificateAuthority made = authority.get();
        CertificateAuthority other = CertificateAuthority.create("other", now.get());
        String bundle = Pem.write(List.of(other.certificate(), made.certificate()));
        assertThat(CertificateAuthority.fromPem(bundle, Pem.write(made.key())).certificate())
                .isEqualTo(made.certificate());
        assertThatThrownBy(() ->
                        CertificateAuthority.fromPem(Pem.write(List.of(other.certificate())), Pem.write(made.key())))
                .hasMessageContaining("belongs to none of the certificates");
        assertThatThrownBy(() -> CertificateAuthority.fromPem("nothing", Pem.write(made.key())))
                .hasMessageContaining("no CERTIFICATE block");
    }

    @Test
    void stateIsKeptAcrossStarts(@TempDir Path folder) throws Exception {
        StateDirectory first = new StateDirectory(folder.resolve("state"));
        CertificateAuthority made = first.authority(now.get());
        String token = first.agentToken();
        StateDirectory second = new StateDirectory(folder.resolve("state"));
        assertThat(second.authority(now.get()).certificate()).isEqualTo(made.certificate());
        assertThat(second.agentToken()).isEqualTo(token).hasSize(64);
    }

    @Test
    void stateThatCantBeReadIsNotOverwritten(@TempDir Path folder) throws Exception {
        StateDirectory state = new StateDirectory(folder);
        state.authority(now.get());
        Files.writeString(folder.resolve("ca.crt"), "broken");
        assertThatThrownBy(() -> state.authority(now.get()))
                .hasMessageContaining(folder + "/ca.crt")
                .hasMessageContaining("remove both");
        assertThat(folder.resolve("ca.crt")).hasContent("broken");
    }

    /**
     * Shakes hands over a socket as a client that knows the server by {@code name}; the end of the certificate that it
     * saw.
     */
    private Instant handshake(String name) throws Exception {
        SSLContext server = serving.tls(new AnyClientCertificate(List::of));
        try (SSLServerSocket listening =
                (SSLServerSocket) server.getServerSocketFactory().createServerSocket(0)) {
            Thread.ofVirtual().start(() -> {
                try (SSLSocket accepted = (SSLSocket) listening.accept()) {
                    accepted.startHandshake();
                } catch (IOException e) {
                    assertThat(e).isNotNull();
                }
            });
            try (SSLSocket socket = (SSLSocket) client().getSocketFactory()
                    .createSocket(
                            new java.net.Socket("127.0.0.1", listening.getLocalPort()),
                            name,
                            listening.getLocalPort(),
                            true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                if (name.contains(".s")) {
                    parameters.setServerNames(List.of(new SNIHostName(name)));
                }
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                        .getNotAfter()
                        .toInstant();
            }
        }
    }

    private SSLContext client() throws Exception {
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry("ca", authority.get().certificate());
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trust);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
