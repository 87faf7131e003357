package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.kpod.apiserver.certificate.Pem;
import io.kpod.apiserver.status.Causes;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.util.Base64;
import java.util.stream.Collectors;
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
     * @throws IOException if it can't be used; its message names the file and says why, in one line
     */
    static Config read(@Nullable Path file, @Nullable String context) throws IOException {
        if (file != null) {
            System.setProperty(Config.KUBERNETES_KUBECONFIG_FILE, file.toString());
        }
        String subject = "kubeconfig " + String.join(":", Config.getKubeconfigFilenames()) + ": ";
        if (file != null && (!Files.isReadable(file) || Files.isDirectory(file))) {
            throw new IOException(subject + "is no file that can be read");
        }
        Config found = parsed(subject, context);
        if (file != null || context != null || !isInCluster(found)) {
            checkContext(subject, found, context);
        }
        try {
            return withReadableKey(found);
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(subject + "the client's key can't be read: " + Causes.of(e), e);
        }
    }

    private static Config parsed(String subject, @Nullable String context) throws IOException {
        try {
            return Config.autoConfigure(context);
        } catch (RuntimeException e) { // of the YAML parser and of the one that makes objects, which share no type
            throw new IOException(subject + "can't be understood: " + Causes.of(e), e);
        }
    }

    /** Without a kubeconfig: by the ServiceAccount of the pod that this runs in. */
    private static boolean isInCluster(Config found) {
        return found.getCurrentContext() == null && found.getAutoOAuthToken() != null;
    }

    /** fabric8 takes the current context where the wanted one is not there, and a default URL where there is no cluster. */
    private static void checkContext(String subject, Config found, @Nullable String wanted) throws IOException {
        NamedContext current = found.getCurrentContext();
        if (current == null || wanted != null && !wanted.equals(current.getName())) {
            String contexts =
                    found.getContexts().stream().map(NamedContext::getName).collect(Collectors.joining(", "));
            throw new IOException(subject + "has " + (wanted == null ? "no current context" : "no context " + wanted)
                    + "; its contexts: " + (contexts.isEmpty() ? "none" : contexts));
        }
        if (found.getFileWithCluster() == null) {
            throw new IOException(subject + "its context " + current.getName() + " is of cluster "
                    + current.getContext().getCluster() + ", which it does not describe");
        }
    }

    private static Config withReadableKey(Config found) throws IOException {
        ConfigBuilder config = new ConfigBuilder(found)
                .withRequestRetryBackoffLimit(1)
                .withRequestTimeout(REQUEST_MILLIS)
                .withConnectionTimeout(CONNECT_MILLIS);
        String pem = key(found);
        if (pem != null && Pem.readKey(pem) instanceof ECPrivateKey key) {
            config.withClientKeyFile(null).withClientKeyAlgo(key.getAlgorithm()).withClientKeyData(sec1(key));
        }
        return config.build();
    }

    private static @Nullable String key(Config config) throws IOException {
        if (config.getClientKeyData() != null) {
            return new String(Base64.getMimeDecoder().decode(config.getClientKeyData()), StandardCharsets.US_ASCII);
        }
        return config.getClientKeyFile() == null ? null : Files.readString(Path.of(config.getClientKeyFile()));
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
