package io.kpod.apiserver.certificate;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kpod.apiserver.health.HealthCheck;
import io.kpod.apiserver.status.Causes;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authority of all replicas: Secret {@code kpod-ca}, made by whichever replica comes first and adopted by the
 * others; so is its successor, after two thirds of its life. Its public half stands in ConfigMap {@code kpod-ca} for the
 * agents, for a while with that of the authority before it ({@link Succession}). {@link #refresh} is called by one
 * scheduler thread; readers may be any.
 */
public final class SharedAuthority {
    /** Name of the Secret and of the ConfigMap. */
    public static final String NAME = "kpod-ca";

    private static final Logger log = LoggerFactory.getLogger("certificate");
    private static final String CERTIFICATES = "ca.crt";
    private static final String KEY = "ca.key";
    private static final String COMMON_NAME = "kpod CA of namespace ";
    private static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    private static final String FIELD_MANAGER = "kpod-api-server";

    /** {@code bundle} is the text of ca.crt: the signer's certificate, perhaps others that clients should trust. */
    private record Held(CertificateAuthority signer, String bundle) {}

    private final KubernetesClient client;
    private final String namespace;
    private final Lifetimes lifetimes;
    private final InstantSource clock;
    private final PublishedAuthorities published;
    private final Succession<CertificateAuthority> succession;
    private volatile String bundle;
    private volatile String problem = "";

    /**
     * Reads or makes the Secret.
     *
     * @throws IOException if it holds what can't be read; names it
     * @throws KubernetesClientException if the kube-apiserver can't be reached or refuses
     */
    public SharedAuthority(KubernetesClient client, String namespace, Lifetimes lifetimes, InstantSource clock)
            throws IOException {
        this.client = client;
        this.namespace = namespace;
        this.lifetimes = lifetimes;
        this.clock = clock;
        this.published = new PublishedAuthorities(client, namespace);
        Held held = parsed(readOrMake());
        this.succession = new Succession<>(held.signer(), lifetimes, clock);
        this.bundle = succession.publish(held.bundle(), published.read()).bundle();
    }

    /** Who signs. */
    public CertificateAuthority signer() {
        return succession.used();
    }

    /** What clients should trust: everything in ca.crt, and for a while the authority before it. */
    public String bundle() {
        return bundle;
    }

    /** Reads the Secret again, so that a replaced authority is taken over, and puts the ConfigMap right. */
    public void refresh() {
        try {
            Secret secret = readOrMake();
            Held held = parsed(secret);
            if (endsSoon(held.signer()) && isOurs(secret)) {
                held = parsed(replace(secret));
            }
            if (!held.signer().certificate().equals(signer().certificate())) {
                log.info(
                        "authority in Secret {}/{} was replaced: it signs once clients have been told",
                        namespace,
                        NAME);
            }
            publish(held.bundle());
            succession.published(held.signer());
            problem = endsSoon(held.signer())
                    ? "the authority in Secret " + namespace + "/" + NAME + " was not made by kpod and ends at "
                            + ending(held.signer()) + ": put another in its place, or delete it to get one"
                    : "";
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
        try {
            Secret created = client.resource(with(
                            made(),
                            new SecretBuilder()
                                    .withNewMetadata()
                                    .withName(NAME)
                                    .withNamespace(namespace)
                                    .addToLabels(MANAGED_BY, FIELD_MANAGER)
                                    .endMetadata()
                                    .withType("Opaque")))
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

    /** Puts a new authority in place of one that ends soon, unless another replica is faster. */
    private Secret replace(Secret old) {
        try {
            Secret now = client.resource(with(made(), new SecretBuilder(old)))
                    .lockResourceVersion(old.getMetadata().getResourceVersion())
                    .update();
            log.info("the authority in Secret {}/{} ends soon: made its successor", namespace, NAME);
            return now;
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            return readOrMake();
        }
    }

    private CertificateAuthority made() {
        return CertificateAuthority.create(COMMON_NAME + namespace, clock.instant(), lifetimes.authority());
    }

    private static Secret with(CertificateAuthority authority, SecretBuilder secret) {
        return secret.addToData(CERTIFICATES, base64(Pem.write(List.of(authority.certificate()))))
                .addToData(KEY, base64(Pem.write(authority.key())))
                .build();
    }

    private boolean endsSoon(CertificateAuthority authority) {
        return !clock.instant().isBefore(ending(authority).minus(lifetimes.authorityRenewal()));
    }

    private static Instant ending(CertificateAuthority authority) {
        return authority.certificate().getNotAfter().toInstant();
    }

    /** Whether a replica made it: what somebody else put there is for them to replace. */
    private static boolean isOurs(Secret secret) {
        return FIELD_MANAGER.equals(
                Objects.requireNonNullElse(secret.getMetadata().getLabels(), Map.<String, String>of())
                        .get(MANAGED_BY));
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

    private void publish(String held) throws IOException {
        Succession.Published before = published.read();
        Succession.Published now = succession.publish(held, before);
        if (!now.equals(before)) {
            published.write(now);
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
