package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.kpod.apiserver.certificate.Pem;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.util.Base64;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.jspecify.annotations.Nullable;

/** Which cluster is asked, as whom. */
final class Kubeconfig {
    private static final int REQUEST_MILLIS = 15_000;
    private static final int CONNECT_MILLIS = 5_000;

    private Kubeconfig() {}

    /**
     * Of a file and one of its contexts; null: as kubectl finds them.
     *
     * @throws IOException if the client's key can't be read
     */
    static Config read(@Nullable Path file, @Nullable String context) throws IOException {
        if (file != null) {
            System.setProperty(Config.KUBERNETES_KUBECONFIG_FILE, file.toString());
        }
        ConfigBuilder found = new ConfigBuilder(Config.autoConfigure(context))
                .withRequestRetryBackoffLimit(1)
                .withRequestTimeout(REQUEST_MILLIS)
                .withConnectionTimeout(CONNECT_MILLIS);
        String pem = key(found);
        if (!pem.isEmpty() && Pem.readKey(pem) instanceof ECPrivateKey key) {
            found.withClientKeyFile(null).withClientKeyAlgo(key.getAlgorithm()).withClientKeyData(sec1(key));
        }
        return found.build();
    }

    private static String key(ConfigBuilder config) throws IOException {
        if (config.getClientKeyData() != null) {
            return new String(Base64.getMimeDecoder().decode(config.getClientKeyData()), StandardCharsets.US_ASCII);
        }
        return config.getClientKeyFile() == null ? "" : Files.readString(Path.of(config.getClientKeyFile()));
    }

    /** In the older form, with the curve's name: of PKCS #8, fabric8 reads RSA alone. */
    private static String sec1(ECPrivateKey key) throws IOException {
        byte[] content = new org.bouncycastle.asn1.sec.ECPrivateKey(
                        key.getParams().getOrder().bitLength(),
                        key.getS(),
                        PrivateKeyInfo.getInstance(key.getEncoded())
                                .getPrivateKeyAlgorithm()
                                .getParameters())
                .getEncoded();
        StringWriter pem = new StringWriter();
        try (PemWriter writer = new PemWriter(pem)) {
            writer.writeObject(new PemObject("EC PRIVATE KEY", content));
        }
        return Base64.getEncoder().encodeToString(pem.toString().getBytes(StandardCharsets.US_ASCII));
    }
}
