package io.kpod.apiserver;

import io.kpod.apiserver.certificate.GivenFiles;
import io.kpod.apiserver.certificate.Lifetimes;
import io.kpod.apiserver.custommetrics.CustomMetrics;
import io.kpod.apiserver.externalmetrics.ExternalMetrics;
import io.kpod.apiserver.passthrough.Adapter;
import io.kpod.apiserver.query.NamespaceFilter;
import io.kpod.configuration.Configuration;
import io.kpod.configuration.ConfigurationException;
import io.kpod.configuration.Key;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What can be set.
 *
 * @param port 0 for any that is free
 * @param podIp empty if it is not known
 * @param stateDirectory of stand-alone mode
 * @param lifetimes of the certificates that this server makes
 * @param givenCertificate what proves it instead of those
 * @param retention how far back windows reach
 * @param readyBound after it {@code /readyz} waits for no more nodes
 * @param drain how long it serves on after the signal to end, not ready any more
 * @param ingestServiceAccount the user name that agents have
 * @param adapters by API group, those that answer for metrics that kpod does not have
 * @param watchesPerUser how many watches one user may have open
 * @param watches the same of all users
 * @param measuredNamespaces the agents' own filter, so that an answer can say that a namespace is left out
 */
public record ApiServerSettings(
        Mode mode,
        String address,
        int port,
        int ingestPort,
        String namespace,
        String service,
        String podIp,
        Path stateDirectory,
        Lifetimes lifetimes,
        Optional<GivenFiles> givenCertificate,
        Duration retention,
        Duration readyBound,
        Duration drain,
        String ingestServiceAccount,
        Map<String, Adapter> adapters,
        int watchesPerUser,
        int watches,
        NamespaceFilter measuredNamespaces) {
    /** Who decides who may do what. */
    public enum Mode {
        /** The kube-apiserver. */
        CLUSTER,
        /** This server alone: on loopback, with its own authority and a kubeconfig made at start. */
        STANDALONE
    }

    private static final int MAX_PORT = 65_535;
    private static final String NAME = "[a-z0-9]([-a-z0-9.]*[a-z0-9])?";
    private static final String LOOPBACK = "127.0.0.1";
    private static final String EVERYWHERE = "0.0.0.0";

    private static final Key<Mode> MODE = Key.choice(
            "kpod.api.mode",
            Mode.CLUSTER,
            "cluster: asks the kube-apiserver who may do what; standalone: needs no Kubernetes");
    private static final Key<String> ADDRESS = Key.ipAddress(
            "kpod.api.address", "", "address to listen on; empty: " + EVERYWHERE + ", standalone " + LOOPBACK);
    private static final Key<Integer> PORT =
            Key.integer("kpod.api.port", 6443, 0, MAX_PORT, "port of the API; 0: any that is free");
    private static final Key<Integer> INGEST_PORT =
            Key.integer("kpod.api.ingest-port", 8443, 0, MAX_PORT, "port that agents push to; 0: any that is free");
    private static final Key<String> NAMESPACE =
            Key.pattern("kpod.api.namespace", "kpod", NAME, "a namespace", "namespace of this server and its Service");
    private static final Key<String> SERVICE =
            Key.pattern("kpod.api.service", "kpod-api-server", NAME, "a Service's name", "Service that leads here");
    private static final Key<String> POD_IP =
            Key.ipAddress("kpod.api.pod-ip", "", "this pod's address, put into its certificate");
    private static final Key<Path> STATE_DIRECTORY = Key.path(
            "kpod.api.state-dir", "kpod-state", "standalone: where ca.crt, kubeconfig and agent-token are written");
    private static final Key<Duration> CERTIFICATE_VALIDITY = Key.seconds(
            "kpod.api.certificate-validity",
            Lifetimes.DEFAULT.leaf().toSeconds(),
            10,
            Duration.ofDays(90).toSeconds(),
            "how long a serving certificate that kpod signs is valid; renewed after two thirds of it");
    private static final Key<Duration> AUTHORITY_VALIDITY = Key.seconds(
            "kpod.api.authority-validity",
            Lifetimes.DEFAULT.authority().toSeconds(),
            40,
            Duration.ofDays(3650).toSeconds(),
            "how long kpod's own authority is valid; replaced after two thirds of it, with overlap; at least "
                    + Lifetimes.LEAVES_IN_AUTHORITY + " times kpod.api.certificate-validity");
    private static final Key<Path> TLS_CERTIFICATE = Key.path(
            "kpod.api.tls-cert-file",
            "",
            "PEM of a serving certificate that somebody else renews (tls.crt of a Secret of cert-manager); empty: kpod's own authority signs one");
    private static final Key<Path> TLS_KEY =
            Key.path("kpod.api.tls-key-file", "", "PEM of the private key of kpod.api.tls-cert-file");
    private static final Key<Path> TLS_CA = Key.path(
            "kpod.api.tls-ca-file",
            "",
            "PEM of the authorities of kpod.api.tls-cert-file; kpod puts them into caBundle and ConfigMap kpod-ca");
    private static final Key<Duration> RETENTION =
            Key.millis("kpod.api.retention", 300_000, 10_000, 900_000, "how far back windows reach");
    private static final Key<Duration> READY_BOUND = Key.millis(
            "kpod.api.ready-bound", 30_000, 0, 600_000, "readyz waits no longer than this for nodes to be heard from");
    private static final Key<Duration> DRAIN = Key.millis(
            "kpod.api.drain",
            0,
            0,
            60_000,
            "how long it serves on after SIGTERM, not ready any more, until all who ask have heard of that; in a cluster 5000");
    private static final Key<String> INGEST_SERVICE_ACCOUNT = Key.pattern(
            "kpod.ingest.service-account",
            "system:serviceaccount:kpod:kpod-node-agent",
            "system:serviceaccount:[^:]+:[^:]+",
            "system:serviceaccount:NAMESPACE:NAME",
            "user name of the agents' ServiceAccount, the only one that may push");
    private static final Key<String> CUSTOM_ADAPTER = adapter("custom");
    private static final Key<Path> CUSTOM_ADAPTER_CA = adapterCa("custom");
    private static final Key<String> EXTERNAL_ADAPTER = adapter("external");
    private static final Key<Path> EXTERNAL_ADAPTER_CA = adapterCa("external");
    private static final Key<Integer> WATCHES_PER_USER =
            Key.integer("kpod.api.watches-per-user", 50, 1, 10_000, "watches that one user may have open; beyond: 429");
    private static final Key<Integer> WATCHES =
            Key.integer("kpod.api.watches", 200, 1, 10_000, "watches that all users may have open; beyond: 429");
    private static final Key<List<String>> EXCLUDED_NAMESPACES = Key.list(
            "kpod.filter.exclude-namespaces",
            "kube-system,kube-public",
            "a list of namespaces",
            "namespaces that agents do not measure");
    private static final Key<List<String>> NAMESPACES = Key.list(
            "kpod.filter.namespaces",
            "",
            "a list of namespaces",
            "the only namespaces that agents measure; empty: all");

    /** All keys. */
    public static final Collection<Key<?>> KEYS = List.of(
            MODE,
            ADDRESS,
            PORT,
            INGEST_PORT,
            NAMESPACE,
            SERVICE,
            POD_IP,
            STATE_DIRECTORY,
            CERTIFICATE_VALIDITY,
            AUTHORITY_VALIDITY,
            TLS_CERTIFICATE,
            TLS_KEY,
            TLS_CA,
            RETENTION,
            READY_BOUND,
            DRAIN,
            INGEST_SERVICE_ACCOUNT,
            CUSTOM_ADAPTER,
            CUSTOM_ADAPTER_CA,
            EXTERNAL_ADAPTER,
            EXTERNAL_ADAPTER_CA,
            WATCHES_PER_USER,
            WATCHES,
            EXCLUDED_NAMESPACES,
            NAMESPACES);

    /**
     * Takes the values of {@link #KEYS}.
     *
     * @throws ConfigurationException if values don't go together
     */
    public static ApiServerSettings of(Configuration configuration) throws ConfigurationException {
        Mode mode = configuration.get(MODE);
        String address = configuration.get(ADDRESS);
        String everywhere = mode == Mode.STANDALONE ? LOOPBACK : EVERYWHERE;
        return new ApiServerSettings(
                mode,
                address.isEmpty() ? everywhere : address,
                configuration.get(PORT),
                configuration.get(INGEST_PORT),
                configuration.get(NAMESPACE),
                configuration.get(SERVICE),
                configuration.get(POD_IP),
                configuration.get(STATE_DIRECTORY),
                lifetimes(configuration),
                givenCertificate(configuration),
                configuration.get(RETENTION),
                configuration.get(READY_BOUND),
                configuration.get(DRAIN),
                configuration.get(INGEST_SERVICE_ACCOUNT),
                adapters(configuration),
                configuration.get(WATCHES_PER_USER),
                configuration.get(WATCHES),
                new NamespaceFilter(
                        Set.copyOf(configuration.get(EXCLUDED_NAMESPACES)), Set.copyOf(configuration.get(NAMESPACES))));
    }

    private static Lifetimes lifetimes(Configuration configuration) throws ConfigurationException {
        Lifetimes lifetimes =
                new Lifetimes(configuration.get(CERTIFICATE_VALIDITY), configuration.get(AUTHORITY_VALIDITY));
        Duration least = lifetimes.leaf().multipliedBy(Lifetimes.LEAVES_IN_AUTHORITY);
        if (lifetimes.authority().compareTo(least) < 0) {
            throw mistake(
                    AUTHORITY_VALIDITY.name() + ": " + lifetimes.authority().toSeconds() + " s is less than "
                            + Lifetimes.LEAVES_IN_AUTHORITY + " times " + CERTIFICATE_VALIDITY.name() + "; set it to "
                            + least.toSeconds() + " or more");
        }
        return lifetimes;
    }

    private static Optional<GivenFiles> givenCertificate(Configuration configuration) throws ConfigurationException {
        List<Key<Path>> keys = List.of(TLS_CERTIFICATE, TLS_KEY, TLS_CA);
        List<String> missing = keys.stream()
                .filter(key -> configuration.get(key).toString().isEmpty())
                .map(Key::name)
                .toList();
        if (missing.size() == keys.size()) {
            return Optional.empty();
        }
        if (!missing.isEmpty()) {
            throw mistake(TLS_CERTIFICATE.name() + ", " + TLS_KEY.name() + " and " + TLS_CA.name()
                    + " go together: set " + String.join(", ", missing) + " too, or none");
        }
        if (configuration.get(MODE) == Mode.STANDALONE) {
            throw mistake(TLS_CERTIFICATE.name() + ": stand-alone, kpod makes its certificate; set it with "
                    + MODE.name() + "=cluster alone");
        }
        for (Key<String> key : List.of(CUSTOM_ADAPTER, EXTERNAL_ADAPTER)) {
            if (!configuration.get(key).isEmpty()) {
                throw mistake(key.name() + ": kpod shows an adapter a certificate of its own authority, which "
                        + TLS_CERTIFICATE.name() + " does without; set one of the two");
            }
        }
        return Optional.of(new GivenFiles(
                configuration.get(TLS_CERTIFICATE), configuration.get(TLS_KEY), configuration.get(TLS_CA)));
    }

    private static ConfigurationException mistake(String what) {
        return new ConfigurationException(List.of(what));
    }

    private static Key<String> adapter(String group) {
        return Key.pattern(
                "kpod.api." + group + "-metrics-adapter",
                "",
                Adapter.FORM,
                "NAMESPACE/NAME or NAMESPACE/NAME:PORT of a Service",
                "adapter that kpod takes " + group
                        + ".metrics.k8s.io over from and passes requests on to for metrics that it does not have; empty: none");
    }

    private static Key<Path> adapterCa(String group) {
        return Key.path(
                "kpod.api." + group + "-metrics-adapter-ca-file",
                "",
                "PEM of the authorities of that adapter's certificate; empty: the system's");
    }

    private static Map<String, Adapter> adapters(Configuration configuration) throws ConfigurationException {
        String own = configuration.get(NAMESPACE) + "/" + configuration.get(SERVICE);
        for (Key<String> key : List.of(CUSTOM_ADAPTER, EXTERNAL_ADAPTER)) {
            if (configuration.get(key).replaceFirst(":.*", "").equals(own)) {
                throw new ConfigurationException(List.of(key.name() + ": \"" + configuration.get(key)
                        + "\" is this server's own Service; name that of another adapter, or none"));
            }
        }
        Map<String, Adapter> adapters = new HashMap<>();
        Adapter.of(configuration.get(CUSTOM_ADAPTER), configuration.get(CUSTOM_ADAPTER_CA))
                .ifPresent(adapter -> adapters.put(CustomMetrics.GROUP, adapter));
        Adapter.of(configuration.get(EXTERNAL_ADAPTER), configuration.get(EXTERNAL_ADAPTER_CA))
                .ifPresent(adapter -> adapters.put(ExternalMetrics.GROUP, adapter));
        return Map.copyOf(adapters);
    }
}
