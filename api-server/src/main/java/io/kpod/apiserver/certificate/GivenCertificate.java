package io.kpod.apiserver.certificate;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kpod.apiserver.health.HealthCheck;
import io.kpod.apiserver.status.Causes;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the certificate of {@link GivenFiles} and follows them: at once while the authorities stay, else as a {@link
 * Succession}, for whose time both authorities stand in ConfigMap {@code kpod-ca} and in the caBundles. What can't be
 * used (half written, another's key, expired) leaves the last good one shown, and is said.
 */
public final class GivenCertificate implements ServerCertificate {
    private static final Logger log = LoggerFactory.getLogger("certificate");

    private final GivenFiles files;
    private final String name;
    private final InstantSource clock;
    private final PublishedAuthorities published;
    private final Succession<GivenFiles.Given> succession;
    private final ServerKeys keys;
    private volatile String bundle;
    private volatile String problem = "";

    /**
     * Reads the files.
     *
     * @param name that clients know this server by
     * @throws IOException if they can't be used; names the file
     * @throws KubernetesClientException if the kube-apiserver can't be reached or refuses
     */
    public GivenCertificate(
            GivenFiles files,
            String name,
            KubernetesClient client,
            String namespace,
            Lifetimes lifetimes,
            InstantSource clock)
            throws IOException {
        this.files = files;
        this.name = name;
        this.clock = clock;
        GivenFiles.Given first = files.read(name, clock.instant());
        this.published = new PublishedAuthorities(client, namespace);
        this.succession = new Succession<>(first, lifetimes, clock);
        this.keys = new ServerKeys(first.keys());
        this.bundle = succession.publish(first.bundle(), published.read()).bundle();
    }

    /** What clients should trust: what the file of authorities says, and for a while what it said before. */
    public String bundle() {
        return bundle;
    }

    @Override
    public ServerKeys keys() {
        return keys;
    }

    @Override
    public void refresh() {
        follow();
        if (!clock.instant().isBefore(expiry())) {
            succession.hurry();
        }
        KeyAndChain wanted = succession.used().keys();
        if (!wanted.equals(keys.current())) {
            keys.replace(wanted);
            log.info("showing the certificate of {}, valid until {}", files.certificate(), expiry());
        }
    }

    @Override
    public HealthCheck check() {
        return new HealthCheck("certificate", () -> {
            Instant now = clock.instant();
            String remark = problem.isEmpty() ? "" : "; " + problem;
            return now.isBefore(expiry())
                    ? new HealthCheck.State.Good("valid until " + expiry() + remark)
                    : new HealthCheck.State.Bad("serving certificate expired at " + expiry() + remark);
        });
    }

    private void follow() {
        try {
            GivenFiles.Given latest = files.read(name, clock.instant());
            Succession.Published before = published.read();
            Succession.Published now = succession.publish(latest.bundle(), before);
            if (!now.equals(before)) {
                published.write(now);
            }
            bundle = now.bundle();
            succession.published(latest);
            problem = "";
        } catch (IOException e) {
            failed(e.getMessage() + "; the last good certificate stays in use");
        } catch (KubernetesClientException e) {
            failed("the authorities can't be published: " + Causes.of(e));
        }
    }

    private void failed(String what) {
        if (!what.equals(problem)) {
            log.warn("{}", what);
        }
        problem = what;
    }
}
