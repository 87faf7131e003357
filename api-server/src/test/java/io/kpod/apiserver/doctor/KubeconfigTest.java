package io.kpod.apiserver.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.kpod.apiserver.certificate.CertificateAuthority;
import io.kpod.apiserver.certificate.KeyAndChain;
import io.kpod.apiserver.certificate.Pem;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kubeconfigs of administrators have client keys of many forms. */
class KubeconfigTest {
    @TempDir
    private Path folder = Path.of("");

    private final KeyAndChain client = CertificateAuthority.create("test", Instant.now())
            .signClient("admin", "system:masters", Instant.now(), Duration.ofHours(1));

    @AfterEach
    void forget() {
        System.clearProperty("kubeconfig");
    }

    @Test
    void anEllipticKeyInTheNewerFormStaysTheSameKey() throws Exception {
        String pem = Pem.write(client.key());
        assertThat(pem).startsWith("-----BEGIN PRIVATE KEY-----");
        var config = Kubeconfig.read(kubeconfig(pem), null);
        new KubernetesClientBuilder().withConfig(config).build().close(); // reads the key
        String read = new String(Base64.getDecoder().decode(config.getClientKeyData()), StandardCharsets.US_ASCII);
        PEMKeyPair pair = (PEMKeyPair) new PEMParser(new StringReader(read)).readObject();
        assertThat(((ECPrivateKey) new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo())).getS())
                .isEqualTo(((ECPrivateKey) client.key()).getS());
    }

    @Test
    void aKeyThatIsNoneIsSaid() throws Exception {
        Path broken = kubeconfig("no key");
        assertThatThrownBy(() -> Kubeconfig.read(broken, null)).isInstanceOf(IOException.class);
    }

    private Path kubeconfig(String key) throws IOException {
        return Files.writeString(
                folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: x
                clusters: [{name: x, cluster: {server: "https://127.0.0.1:1"}}]
                users: [{name: x, user: {client-certificate-data: %s, client-key-data: %s}}]
                contexts: [{name: x, context: {cluster: x, user: x}}]
                """.formatted(base64(Pem.write(client.chain())), base64(key)));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
