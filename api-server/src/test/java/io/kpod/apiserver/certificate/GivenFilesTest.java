package io.kpod.apiserver.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certificate in files, at every step of being replaced. */
class GivenFilesTest {
    private static final String NAME = "kpod-api-server.kpod.svc";
    private static final Instant NOW = Instant.now();

    @TempDir
    Path folder;

    private final CertificateAuthority authority = CertificateAuthority.create("given", NOW);
    private final KeyAndChain first = signed(authority, NAME);
    private GivenFiles files;

    @BeforeEach
    void write() throws Exception {
        files = new GivenFiles(folder.resolve("tls.crt"), folder.resolve("tls.key"), folder.resolve("ca.crt"));
        put("tls.crt", Pem.write(first.chain()));
        put("tls.key", Pem.write(first.key()));
        put("ca.crt", Pem.write(List.of(authority.certificate())));
    }

    @Test
    void whatGoesTogetherIsTaken() throws Exception {
        GivenFiles.Given given = files.read(NAME, NOW);
        assertThat(given.keys().leaf()).isEqualTo(first.leaf());
        assertThat(given.authorities()).containsExactly(authority.certificate());
        put("tls.crt", Pem.write(List.of(first.leaf())));
        assertThat(files.read(NAME, NOW).keys().leaf()).isEqualTo(first.leaf());
    }

    @Test
    void aReplacementIsRefusedUntilItsLastFileIsThere() throws Exception {
        CertificateAuthority next = CertificateAuthority.create("given", NOW);
        KeyAndChain second = signed(next, NAME);
        String whole = Pem.write(second.chain());
        put("tls.crt", whole.substring(0, whole.length() / 4));
        assertRefused("tls.crt: ");
        put("tls.crt", whole);
        assertRefused("tls.key: the private key is not that of the certificate in");
        put("tls.key", "");
        assertRefused("tls.key: no PRIVATE KEY block");
        Files.delete(files.key());
        assertRefused("tls.key: it can't be read");
        put("tls.key", Pem.write(second.key()));
        assertRefused("tls.crt: the certificate does not come from " + files.authorities());
        put("ca.crt", Pem.write(List.of(next.certificate())));
        assertThat(files.read(NAME, NOW).keys().leaf()).isEqualTo(second.leaf());
    }

    @Test
    void aCertificateOfAnotherNameOrTimeIsRefused() throws Exception {
        assertThatThrownBy(() -> files.read("other.kpod.svc", NOW))
                .hasMessageContaining(
                        "the certificate is for [" + NAME + "], the kube-apiserver asks for other.kpod.svc");
        assertThatThrownBy(() -> files.read(NAME, NOW.plus(Duration.ofHours(2))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not come from");
    }

    @Test
    void aLeafOfTheSameAuthorityFollowsAtOnceAndOneOfAnotherWhenClientsHaveBeenTold() throws Exception {
        GivenFiles.Given before = files.read(NAME, NOW);
        Succession<GivenFiles.Given> succession = new Succession<>(before, Lifetimes.DEFAULT, () -> NOW);
        KeyAndChain renewed = signed(authority, NAME);
        put("tls.crt", Pem.write(renewed.chain()));
        put("tls.key", Pem.write(renewed.key()));
        succession.published(files.read(NAME, NOW));
        assertThat(succession.used().keys().leaf()).isEqualTo(renewed.leaf());
        CertificateAuthority next = CertificateAuthority.create("given", NOW);
        KeyAndChain foreign = signed(next, NAME);
        put("tls.crt", Pem.write(foreign.chain()));
        put("tls.key", Pem.write(foreign.key()));
        put("ca.crt", Pem.write(List.of(next.certificate())));
        GivenFiles.Given latest = files.read(NAME, NOW);
        assertThat(Pem.readCertificates(succession
                        .publish(latest.bundle(), new Succession.Published(before.bundle(), ""))
                        .bundle()))
                .containsExactly(next.certificate(), authority.certificate());
        succession.published(latest);
        assertThat(succession.used().keys().leaf()).isEqualTo(renewed.leaf());
        succession.hurry(); // as when that expires
        assertThat(succession.used().keys().leaf()).isEqualTo(foreign.leaf());
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> files.read(NAME, NOW))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    private void put(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name), content);
    }

    private static KeyAndChain signed(CertificateAuthority authority, String name) {
        return authority.signServer(List.of(name), List.of(), NOW, Duration.ofHours(1));
    }
}
