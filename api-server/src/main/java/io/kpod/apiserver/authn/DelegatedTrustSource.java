package io.kpod.apiserver.authn;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.kpod.apiserver.health.HealthCheck;
import io.kpod.apiserver.status.Causes;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows ConfigMap {@code kube-system/extension-apiserver-authentication}. Before its first reading nobody is trusted;
 * a version that can't be read leaves the last good one in force. Written by the informer's thread, read by all.
 */
public final class DelegatedTrustSource implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("authn");
    private static final String NAMESPACE = "kube-system";
    private static final String NAME = "extension-apiserver-authentication";
    private static final String WHAT = "ConfigMap " + NAMESPACE + "/" + NAME;

    private record State(Optional<DelegatedTrust> trust, String problem) {}

    private final SharedIndexInformer<ConfigMap> informer;
    private volatile State state = new State(Optional.empty(), WHAT + " has not been read yet");

    /** Why it can't be followed at the moment; empty while it can. */
    private volatile String outage = "";

    /** Makes one that knows nothing before {@link #start}. */
    public DelegatedTrustSource(KubernetesClient client) {
        this.informer = client.configMaps()
                .inNamespace(NAMESPACE)
                .withName(NAME)
                .runnableInformer(0)
                .addEventHandler(new Follower())
                .exceptionHandler((started, failure) -> {
                    failed(failure);
                    return true;
                });
    }

    /** Starts to read, and returns at once. */
    public void start() {
        informer.start();
    }

    /** To be called every few seconds: forgets an outage that is over, for an informer says only when one begins. */
    public synchronized void refresh() {
        if (!outage.isEmpty() && informer.isWatching()) {
            outage = "";
            log.info("{} is followed again", WHAT);
        }
    }

    /** What is in force. */
    public Optional<DelegatedTrust> trust() {
        return state.trust();
    }

    /** For {@code /readyz}. */
    public HealthCheck check() {
        return new HealthCheck("authentication-configmap", () -> {
            State now = state;
            String said = outage.isEmpty() ? now.problem() : outage;
            return now.trust().isPresent() ? new HealthCheck.State.Good(said) : new HealthCheck.State.Bad(said);
        });
    }

    @Override
    public void close() {
        informer.close();
    }

    private synchronized void failed(Throwable failure) {
        String problem = WHAT + " can't be read, retrying: " + Causes.of(failure);
        if (!problem.equals(outage)) {
            log.warn(
                    "{}; the RoleBinding to extension-apiserver-authentication-reader in {} allows it",
                    problem,
                    NAMESPACE);
        }
        outage = problem;
    }

    private synchronized void read(ConfigMap map) {
        try {
            Map<String, String> data = Objects.requireNonNullElse(map.getData(), Map.of());
            state = new State(Optional.of(DelegatedTrust.parse(data)), "");
            log.info(
                    "trusting what {} says (resourceVersion {})",
                    WHAT,
                    map.getMetadata().getResourceVersion());
        } catch (MalformedTrustException e) {
            String kept = state.trust().isPresent() ? "the last good version stays in force" : "nobody is trusted";
            state = new State(state.trust(), WHAT + ": " + e.getMessage() + "; " + kept);
            log.warn("{}", state.problem());
        }
    }

    private final class Follower implements ResourceEventHandler<ConfigMap> {
        @Override
        public void onAdd(ConfigMap map) {
            read(map);
        }

        @Override
        public void onUpdate(ConfigMap before, ConfigMap map) {
            read(map);
        }

        @Override
        public void onDelete(ConfigMap map, boolean finalStateUnknown) {
            synchronized (DelegatedTrustSource.this) {
                state = new State(state.trust(), WHAT + " was deleted; its last version stays in force");
                log.warn("{}", state.problem());
            }
        }
    }
}
