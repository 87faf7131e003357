package io.kpod.apiserver.certificate;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kpod.apiserver.health.HealthCheck;
import io.kpod.apiserver.status.Causes;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authority of all replicas: Secret {@code kpod-ca}, made by whichever replica comes first and adopted by the
 * others. Its public half stands in ConfigMap {@code kpod-ca} for the agents, for a while with that of the authority
 * before it ({@link Succession}). {@link #refresh} is called by one scheduler thread; readers may be any.
 */
public final class SharedAuthority {
    /** Name of the Secret and of the ConfigMap. */
    public static final String NAME = "kpod-ca";

    private static final Logger log = LoggerFactory.getLogger("certificate");
    private static final String CERTIFICATES = "ca.crt";
    private static final String KEY = "ca.key";
    private static final String COMMON_NAME = "kpod CA of namespace ";
    private static final String FIELD_MANAGER = "kpod-api-server";

    private static final String RETIRED_UNTIL = "kernelmetrics.kpod.io/retired-until";

    /** {@code bundle} is the text of ca.crt: the signer's certificate, perhaps others that clients should trust. */
    private record Held(CertificateAuthority signer, String bundle) {}

    private final KubernetesClient client;
    private final String namespace;
    private final InstantSource clock;
    private final Succession succession;
    private volatile String bundle;
    private volatile String problem = "";

    /**
     * Reads or makes the Secret.
     *
     * @throws IOException if it holds what can't be read; names it
     * @throws KubernetesClientException if the kube-apiserver can't be reached or refuses
     */
    public SharedAuthority(KubernetesClient client, String namespace, InstantSource clock) throws IOException {
        this.client = client;
        this.namespace = namespace;
        this.clock = clock;
        Held held = parsed(readOrMake());
        this.succession = new Succession(held.signer(), clock);
        this.bundle = succession.publish(held.bundle(), published()).bundle();
    }

    /** Who signs. */
    public CertificateAuthority signer() {
        return succession.signer();
    }

    /** What clients should trust: everything in ca.crt, and for a while the authority before it. */
    public String bundle() {
        return bundle;
    }

    /** Reads the Secret again, so that a replaced authority is taken over, and puts the ConfigMap right. */
    public void refresh() {
        try {
            Held held = parsed(readOrMake());
            if (!held.signer().certificate().equals(succession.signer().certificate())) {
                log.info(
                        "authority in Secret {}/{} was replaced: it signs once clients have been told",
                        namespace,
                        NAME);
            }
            publish(held.bundle());
            succession.published(held.signer());
            problem = "";
        } catch (IOException | KubernetesClientException e) {
            String what = "the authority stays as it was: " + Causes.of(e);
            if (!what.equals(problem)) {
                log.warn("{}", what);
            }
            problem = what;
        }
    }

    /** For {@code /readyz}: a remark, for the server works on. */
    public HealthCheck check() {
        return new HealthCheck("authority", () -> new HealthCheck.State.Good(problem));
    }

    private Secret readOrMake() {
        var secret = client.secrets().inNamespace(namespace).withName(NAME);
        Secret found = secret.get();
        if (found != null) {
            return found;
        }
        CertificateAuthority made = CertificateAuthority.create(COMMON_NAME + namespace, clock.instant());
        try {
            Secret created = client.resource(new SecretBuilder()
                            .withNewMetadata()
                            .withName(NAME)
                            .withNamespace(namespace)
                            .addToLabels("app.kubernetes.io/managed-by", FIELD_MANAGER)
                            .endMetadata()
                            .withType("Opaque")
                            .addToData(CERTIFICATES, base64(Pem.write(List.of(made.certificate()))))
                            .addToData(KEY, base64(Pem.write(made.key())))
                            .build())
                    .create();
            log.info("made the authority, Secret {}/{}", namespace, NAME);
            return created;
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            log.info("another replica made the authority first, taking it over");
            return Objects.requireNonNull(secret.get(), "Secret that exists");
        }
    }

    private Held parsed(Secret secret) throws IOException {
        Map<String, String> data = Objects.requireNonNullElse(secret.getData(), Map.of());
        try {
            String bundle = text(data, CERTIFICATES);
            CertificateAuthority signer = CertificateAuthority.fromPem(bundle, text(data, KEY));
            return new Held(signer, bundle);
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(
                    "Secret " + namespace + "/" + NAME + ", keys " + CERTIFICATES + " and " + KEY + ": "
                            + e.getMessage() + "; delete it to get a new authority",
                    e);
        }
    }

    /** What ConfigMap kpod-ca says. */
    private Succession.Published published() {
        ConfigMap found =
                client.configMaps().inNamespace(namespace).withName(NAME).get();
        if (found == null) {
            return Succession.Published.NOTHING;
        }
        return new Succession.Published(
                Objects.requireNonNullElse(found.getData(), Map.<String, String>of())
                        .getOrDefault(CERTIFICATES, ""),
                Objects.requireNonNullElse(found.getMetadata().getAnnotations(), Map.<String, String>of())
                        .getOrDefault(RETIRED_UNTIL, ""));
    }

    private void publish(String held) throws IOException {
        Succession.Published before = published();
        Succession.Published now = succession.publish(held, before);
        if (!now.equals(before)) {
            client.resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withName(NAME)
                            .withNamespace(namespace)
                            .withAnnotations(
                                    now.retiredUntil().isEmpty() ? Map.of() : Map.of(RETIRED_UNTIL, now.retiredUntil()))
                            .endMetadata()
                            .addToData(CERTIFICATES, now.bundle())
                            .build())
                    .fieldManager(FIELD_MANAGER)
                    .forceConflicts()
                    .serverSideApply();
            log.info("wrote {} of ConfigMap {}/{}", CERTIFICATES, namespace, NAME);
        }
        bundle = now.bundle();
    }

    private static String text(Map<String, String> data, String key) throws IOException {
        String value = data.get(key);
        if (value == null) {
            throw new IOException("no " + key);
        }
        return new String(Base64.getDecoder().decode(value), StandardCharsets.US_ASCII);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
