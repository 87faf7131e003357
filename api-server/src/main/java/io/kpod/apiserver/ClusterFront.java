package io.kpod.apiserver;

import com.github.benmanes.caffeine.cache.Ticker;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kpod.apiserver.authn.Authentication;
import io.kpod.apiserver.authn.BearerAuthenticator;
import io.kpod.apiserver.authn.CachingTokenReviewer;
import io.kpod.apiserver.authn.ClientCertificateAuthenticator;
import io.kpod.apiserver.authn.DelegatedTrust;
import io.kpod.apiserver.authn.DelegatedTrustSource;
import io.kpod.apiserver.authn.FrontProxyAuthenticator;
import io.kpod.apiserver.authn.KubernetesTokenReviewer;
import io.kpod.apiserver.authn.SteadfastTokenReviewer;
import io.kpod.apiserver.authn.TokenReviewer;
import io.kpod.apiserver.authz.Authorization;
import io.kpod.apiserver.authz.SubjectAccessReviewAuthorizer;
import io.kpod.apiserver.certificate.CertificateAuthority;
import io.kpod.apiserver.certificate.GivenCertificate;
import io.kpod.apiserver.certificate.GivenFiles;
import io.kpod.apiserver.certificate.ServerCertificate;
import io.kpod.apiserver.certificate.ServingCertificate;
import io.kpod.apiserver.certificate.SharedAuthority;
import io.kpod.apiserver.health.HealthCheck;
import io.kpod.apiserver.ingest.AgentAuthenticator;
import io.kpod.apiserver.ingest.KubernetesPodNodes;
import io.kpod.apiserver.ingest.ServiceAccountAuthenticator;
import io.kpod.apiserver.openapi.Ownership;
import io.kpod.apiserver.passthrough.PassThrough;
import io.kpod.apiserver.registration.ApiServiceRegistration;
import io.kpod.apiserver.registration.ServiceName;
import io.kpod.apiserver.status.Causes;
import io.kpod.apiserver.value.UnknownMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A cluster: the kube-apiserver says who is who and who may what; the replicas share an authority. */
final class ClusterFront implements Front {
    private static final Logger log = LoggerFactory.getLogger("api-server");
    private static final Duration USER_TOKEN_REMEMBERED = Duration.ofSeconds(10);
    /**
     * As long as a kubelet remembers one; every 10 s for each of thousands of agents would be the larger part of their
     * load.
     */
    private static final Duration AGENT_TOKEN_REMEMBERED = Duration.ofMinutes(2);

    /** While the kube-apiserver is away, known agents go on. */
    private static final Duration AGENT_TOKEN_KEPT = Duration.ofMinutes(30);

    private static final Duration ASKED_AGAIN = Duration.ofSeconds(10);

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final int MAX_TOKENS = 20_000;

    /** Questions to the kube-apiserver at once: whoever sends bad tokens fast must not turn their flood against it. */
    private static final int MAX_REVIEWS = 64;

    private final ExecutorService blocking =
            Executors.newFixedThreadPool(MAX_REVIEWS, Thread.ofVirtual().factory());
    private final DelegatedTrustSource trust;
    private final Duration look;
    private final Proof proof;
    private final ApiServiceRegistration registration;
    private final Map<String, PassThrough> passThroughs;
    private final Authentication authentication;
    private final Authorization authorization;
    private final AgentAuthenticator agents;

    /** A client of the cluster that this pod is in, or that KUBECONFIG names; it tries again by itself. */
    static KubernetesClient client() {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withRequestRetryBackoffLimit(3)
                        .withRequestRetryBackoffInterval(500)
                        .withRequestTimeout(10_000)
                        .withConnectionTimeout(5_000)
                        .build())
                .build();
    }

    /**
     * Connects, trying again for a minute.
     *
     * @throws ClusterUnreachableException if the authority can't be read or made by then
     * @throws IOException if it holds what can't be read
     */
    static ClusterFront connect(
            ApiServerSettings settings, KubernetesClient client, MeterRegistry meters, InstantSource clock)
            throws ClusterUnreachableException, IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (boolean first = true; ; first = false) {
            try {
                return new ClusterFront(settings, client, meters, clock);
            } catch (KubernetesClientException e) {
                String what = "the kube-apiserver at " + client.getMasterUrl() + " does not let Secret "
                        + settings.namespace() + "/" + SharedAuthority.NAME + " be read or made: " + Causes.of(e);
                if (System.nanoTime() - end >= 0) {
                    throw new ClusterUnreachableException(
                            what + "; check its address and the Role kpod-api-server, or set kpod.api.mode=standalone");
                }
                if (first) {
                    log.warn("{}; trying again for {} s", what, PATIENCE.toSeconds());
                }
                Thread.sleep(RETRY);
            }
        }
    }

    private ClusterFront(ApiServerSettings settings, KubernetesClient client, MeterRegistry meters, InstantSource clock)
            throws IOException {
        this.look = settings.lifetimes().look();
        this.proof = proof(settings, client, clock);
        this.passThroughs = settings.adapters().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> new PassThrough(entry.getKey(), entry.getValue(), proof.signer(), meters, clock)));
        this.registration = new ApiServiceRegistration(
                client,
                new ServiceName(settings.namespace(), settings.service()),
                settings.adapters().entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey,
                                entry -> new ServiceName(
                                        entry.getValue().namespace(),
                                        entry.getValue().name()))),
                proof.bundle());
        this.trust = new DelegatedTrustSource(client);
        TokenReviewer reviewer = new KubernetesTokenReviewer(client, blocking);
        this.authentication = new Authentication(List.of(
                new FrontProxyAuthenticator(trust::trust, clock),
                new ClientCertificateAuthenticator(() -> trust.trust().map(DelegatedTrust::clientAuthorities), clock),
                new BearerAuthenticator(remembering(reviewer, USER_TOKEN_REMEMBERED), List.of())));
        this.authorization =
                new Authorization(new SubjectAccessReviewAuthorizer(client, blocking, Ticker.systemTicker()));
        this.agents = new ServiceAccountAuthenticator(
                new SteadfastTokenReviewer(
                        remembering(reviewer, AGENT_TOKEN_REMEMBERED),
                        AGENT_TOKEN_KEPT,
                        ASKED_AGAIN,
                        MAX_TOKENS,
                        Ticker.systemTicker()),
                settings.ingestServiceAccount(),
                new KubernetesPodNodes(client));
        registration.measure(meters);
        trust.start();
    }

    @Override
    public Authentication authentication() {
        return authentication;
    }

    @Override
    public Authorization authorization() {
        return authorization;
    }

    @Override
    public AgentAuthenticator agents() {
        return agents;
    }

    @Override
    public ServerCertificate certificate() {
        return proof.certificate();
    }

    @Override
    public List<X509Certificate> advertisedAuthorities() {
        return trust.trust().map(DelegatedTrust::advertised).orElse(List.of());
    }

    @Override
    public List<HealthCheck> checks() {
        return Stream.of(
                        Stream.of(trust.check(), proof.certificate().check(), registration.check()),
                        proof.checks().stream(),
                        passThroughs.values().stream().map(PassThrough::check))
                .flatMap(checks -> checks)
                .toList();
    }

    @Override
    public UnknownMetrics unknownMetrics(String group) {
        UnknownMetrics passedOn = passThroughs.get(group);
        return passedOn == null ? UnknownMetrics.NOBODY : passedOn;
    }

    @Override
    public Ownership ownership() {
        return registration::owns;
    }

    @Override
    public void opened(int port) {}

    @Override
    public Duration look() {
        return look;
    }

    @Override
    public void refresh() {
        trust.refresh();
        proof.refresh().run();
        proof.certificate().refresh();
        registration.refresh();
    }

    @Override
    public void close() {
        trust.close();
        passThroughs.values().forEach(PassThrough::close);
        blocking.shutdownNow();
    }

    /**
     * What proves this server.
     *
     * @param bundle PEM of what clients should trust
     * @param signer of the certificate that is shown to adapters
     * @param refresh what comes before that of {@code certificate}
     */
    private record Proof(
            ServerCertificate certificate,
            Supplier<String> bundle,
            Supplier<CertificateAuthority> signer,
            Runnable refresh,
            List<HealthCheck> checks) {}

    private static Proof proof(ApiServerSettings settings, KubernetesClient client, InstantSource clock)
            throws IOException {
        GivenFiles files = settings.givenCertificate().orElse(null);
        if (files == null) {
            SharedAuthority authority = new SharedAuthority(client, settings.namespace(), settings.lifetimes(), clock);
            ServingCertificate certificate = new ServingCertificate(
                    authority::signer, names(settings), addresses(settings), settings.lifetimes(), clock);
            return new Proof(
                    certificate, authority::bundle, authority::signer, authority::refresh, List.of(authority.check()));
        }
        GivenCertificate certificate = new GivenCertificate(
                files, names(settings).getFirst(), client, settings.namespace(), settings.lifetimes(), clock);
        return new Proof(
                certificate,
                certificate::bundle,
                () -> {
                    throw new IllegalStateException("settings allow no adapter beside a given certificate");
                },
                () -> {},
                List.of());
    }

    private TokenReviewer remembering(TokenReviewer reviewer, Duration remembered) {
        return new CachingTokenReviewer(
                reviewer, remembered, USER_TOKEN_REMEMBERED, MAX_TOKENS, blocking, Ticker.systemTicker());
    }

    private static List<String> names(ApiServerSettings settings) {
        String name = settings.service();
        String qualified = name + "." + settings.namespace();
        return List.of(qualified + ".svc", name, qualified, qualified + ".svc.cluster.local", "localhost");
    }

    private static List<InetAddress> addresses(ApiServerSettings settings) {
        List<InetAddress> addresses = new ArrayList<>();
        addresses.add(InetAddress.ofLiteral("127.0.0.1"));
        if (!settings.podIp().isEmpty()) {
            addresses.add(InetAddress.ofLiteral(settings.podIp()));
        }
        return addresses;
    }
}
