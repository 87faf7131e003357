package io.kpod.apiserver.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.certificate.Succession.Published;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SuccessionTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-24T12:00:00Z"));
    private final CertificateAuthority former = CertificateAuthority.create("kpod CA", now.get());
    private final CertificateAuthority next = CertificateAuthority.create("kpod CA", now.get());
    private final Succession<CertificateAuthority> succession = new Succession<>(former, Lifetimes.DEFAULT, now::get);

    @Test
    void nothingChangesWhileTheAuthorityStays() throws Exception {
        Published first = succession.publish(pem(former), Published.NOTHING);
        assertThat(first).isEqualTo(new Published(pem(former), ""));
        succession.published(former);
        assertThat(succession.publish(pem(former), first)).isEqualTo(first);
        assertThat(succession.used()).isEqualTo(former);
    }

    @Test
    void bothArePublishedBeforeTheNewOneSigns() throws Exception {
        Published both = succession.publish(pem(next), new Published(pem(former), ""));
        assertThat(certificates(both)).containsExactly(next.certificate(), former.certificate());
        assertThat(succession.used()).isEqualTo(former);
        succession.published(next);
        assertThat(succession.used()).isEqualTo(former);
        pass(Lifetimes.DEFAULT.settling());
        assertThat(succession.used()).isEqualTo(next);
        assertThat(succession.publish(pem(next), both)).isEqualTo(both);
    }

    @Test
    void theFormerOneGoesAfterTheLifeOfALeaf() throws Exception {
        Published both = succession.publish(pem(next), new Published(pem(former), ""));
        succession.published(next);
        pass(Lifetimes.DEFAULT.leaf());
        assertThat(succession.used()).isEqualTo(next);
        assertThat(succession.publish(pem(next), both)).isEqualTo(both);
        pass(Lifetimes.DEFAULT.settling());
        assertThat(succession.publish(pem(next), both)).isEqualTo(new Published(pem(next), ""));
    }

    @Test
    void aReplicaThatStartsMeanwhileKeepsTheFormerOnePublished() throws Exception {
        Published both = succession.publish(pem(next), new Published(pem(former), ""));
        Succession<CertificateAuthority> fresh = new Succession<>(next, Lifetimes.DEFAULT, now::get);
        assertThat(fresh.used()).isEqualTo(next);
        assertThat(fresh.publish(pem(next), both)).isEqualTo(both);
        pass(Lifetimes.DEFAULT.retired());
        assertThat(fresh.publish(pem(next), both)).isEqualTo(new Published(pem(next), ""));
    }

    @Test
    void aSecondSuccessionHasItsWholeTime() throws Exception {
        Published both = succession.publish(pem(next), new Published(pem(former), ""));
        succession.published(next);
        pass(Duration.ofHours(23));
        CertificateAuthority third = CertificateAuthority.create("kpod CA", now.get());
        Published three = succession.publish(pem(third), both);
        assertThat(certificates(three)).containsExactly(third.certificate(), next.certificate(), former.certificate());
        assertThat(Instant.parse(three.retiredUntil())).isEqualTo(now.get().plus(Lifetimes.DEFAULT.retired()));
    }

    @Test
    void whatSomebodyBrokeIsWrittenAnew() throws Exception {
        assertThat(succession.publish(pem(former), new Published("broken", "never")))
                .isEqualTo(new Published(pem(former), ""));
        Published far = succession.publish(pem(next), new Published(pem(former), "9999-01-01T00:00:00Z"));
        assertThat(Instant.parse(far.retiredUntil())).isEqualTo(now.get().plus(Lifetimes.DEFAULT.retired()));
    }

    private void pass(Duration time) {
        now.updateAndGet(t -> t.plus(time));
    }

    private static String pem(CertificateAuthority authority) {
        return Pem.write(List.of(authority.certificate()));
    }

    private static List<X509Certificate> certificates(Published published) throws IOException {
        return Pem.readCertificates(published.bundle());
    }
}
