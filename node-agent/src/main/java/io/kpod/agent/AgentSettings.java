package io.kpod.agent;

import io.kpod.agent.collector.syscall.SyscallFamily;
import io.kpod.configuration.Configuration;
import io.kpod.configuration.ConfigurationException;
import io.kpod.configuration.Key;
import io.kpod.selector.LabelSelector;
import io.kpod.selector.MalformedSelectorException;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The agent's settings; every key is declared here, once.
 *
 * @param collectors names of those that run
 * @param pollInterval between readings of the slow sources, and walks of the cgroup tree
 * @param procRoot where the host's /proc is mounted
 */
public record AgentSettings(
        String nodeName,
        Set<String> collectors,
        Duration pollInterval,
        Metrics metrics,
        Discovery discovery,
        Bpf bpf,
        List<String> trackedSyscalls,
        Path cgroupRoot,
        Path procRoot,
        Push push) {
    /** Where the pods of this node are learnt from. */
    public enum DiscoveryMode {
        INFORMER,
        KUBELET,
        NONE
    }

    /** Where {@code /metrics} listens. */
    public record Metrics(String address, int port) {}

    /**
     * Which pods are measured.
     *
     * @param labelSelector as it is written
     * @param selector the same, read
     */
    public record Discovery(
            DiscoveryMode mode,
            List<String> namespaces,
            List<String> excludedNamespaces,
            String labelSelector,
            LabelSelector selector,
            KubeletAccess kubelet) {}

    /**
     * How the kubelet is asked for its pods.
     *
     * @param address empty: the node's name
     */
    public record KubeletAccess(String address, int port, Duration pollInterval, Path tokenFile, Path caFile) {}

    /** The kernel side. */
    public record Bpf(boolean enabled, Path programDirectory, int maxContainers) {}

    /** Where summaries go. Neither service nor endpoints: nowhere. */
    public record Push(
            Duration interval,
            String service,
            List<String> endpoints,
            Path tokenFile,
            Path caFile,
            String caConfigMap) {
        public boolean enabled() {
            return !service.isEmpty() || !endpoints.isEmpty();
        }
    }

    private static final String SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static final String OBJECT = "[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?";

    private static final Key<String> NODE_NAME = Key.text(
            "kpod.node-name",
            "",
            "a node's name",
            "name of this node; empty: the host's name. In a pod: spec.nodeName");
    private static final Key<Profile> PROFILE = Key.choice("kpod.profile", Profile.STANDARD, "which collectors run");
    private static final Map<String, Key<Boolean>> COLLECTOR_ENABLED = collectorKeys();
    private static final Key<Duration> POLL_INTERVAL = Key.millis(
            "kpod.poll-interval",
            30_000,
            1_000,
            3_600_000,
            "time between readings of cgroup files, /proc and file systems, and walks of the cgroup tree");
    private static final Key<String> METRICS_ADDRESS =
            Key.ipAddress("kpod.metrics.address", "0.0.0.0", "address that /metrics listens on");
    private static final Key<Integer> METRICS_PORT =
            Key.integer("kpod.metrics.port", 9090, 0, 65_535, "port of /metrics; 0: any free one");
    private static final Key<DiscoveryMode> DISCOVERY_MODE = Key.choice(
            "kpod.discovery.mode",
            DiscoveryMode.INFORMER,
            "where pods are learnt from: one watch of this node's pods, its kubelet, or none (the machine's own units and containers)");
    private static final Key<List<String>> NAMESPACES =
            Key.list("kpod.filter.namespaces", "", "a list of namespaces", "namespaces to measure; empty: all");
    private static final Key<List<String>> EXCLUDED_NAMESPACES = Key.list(
            "kpod.filter.exclude-namespaces",
            "kube-system,kube-public",
            "a list of namespaces",
            "namespaces not to measure");
    private static final Key<String> LABEL_SELECTOR =
            Key.text("kpod.filter.label-selector", "", "a Kubernetes label selector", "pods to measure; empty: all");
    private static final Key<Boolean> BPF_ENABLED =
            Key.flag("kpod.bpf.enabled", true, "whether kernel programs are loaded");
    private static final Key<Path> PROGRAM_DIRECTORY = Key.path(
            "kpod.bpf.program-dir", "", "folder of compiled kernel programs; empty: those that come with the agent");
    private static final Key<Integer> MAX_CONTAINERS = Key.integer(
            "kpod.bpf.max-containers",
            512,
            1,
            2_000,
            "containers that are told apart; those beyond are counted as overflow");
    private static final Key<Path> CGROUP_ROOT =
            Key.path("kpod.cgroup.root", "/sys/fs/cgroup", "where cgroups are mounted");
    private static final Key<Duration> PUSH_INTERVAL =
            Key.millis("kpod.push.interval", 5_000, 500, 300_000, "time between summaries pushed to the api-server");
    private static final Key<String> PUSH_SERVICE = Key.pattern(
            "kpod.push.service", "", OBJECT, "NAMESPACE/NAME", "Service whose every replica gets the summaries");
    private static final Key<List<String>> PUSH_ENDPOINTS = Key.list(
            "kpod.push.endpoints",
            "",
            "a list of https://HOST:PORT",
            "api-servers that get the summaries, without Kubernetes");
    private static final Key<Path> TOKEN_FILE = Key.path(
            "kpod.push.token-file",
            "/var/run/secrets/kpod/token",
            "bearer token shown to the api-server; read at each push");
    private static final Key<Path> CA_FILE =
            Key.path("kpod.push.ca-file", "", "PEM certificates that the api-server's is checked against");
    private static final Key<String> CA_CONFIG_MAP = Key.pattern(
            "kpod.push.ca-configmap",
            "",
            OBJECT,
            "NAMESPACE/NAME",
            "ConfigMap that holds them under ca.crt, instead of a file");

    private static final Key<Duration> KUBELET_POLL_INTERVAL = Key.seconds(
            "kpod.discovery.kubelet-poll-interval",
            30,
            1,
            3_600,
            "with kpod.discovery.mode=kubelet: time between looks at the kubelet's pods; a container that no pod has named is asked for at once");
    private static final Key<String> KUBELET_ADDRESS = Key.pattern(
            "kpod.discovery.kubelet-address",
            "",
            "[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*",
            "a host name or an IP address",
            "where the kubelet listens; empty: the node's name. In a pod: status.hostIP");
    private static final Key<Integer> KUBELET_PORT =
            Key.integer("kpod.discovery.kubelet-port", 10_250, 1, 65_535, "port of the kubelet's HTTPS server");
    private static final Key<Path> KUBELET_TOKEN_FILE = Key.path(
            "kpod.discovery.kubelet-token-file",
            SERVICE_ACCOUNT + "/token",
            "bearer token shown to the kubelet; read at each look");
    private static final Key<Path> KUBELET_CA_FILE = Key.path(
            "kpod.discovery.kubelet-ca-file",
            SERVICE_ACCOUNT + "/ca.crt",
            "PEM certificates that the kubelet's is checked against; read at each look");
    private static final Key<Path> PROC_ROOT = Key.path(
            "kpod.cgroup.proc-root",
            "/host/proc",
            "where the host's /proc is mounted; /proc if there is no such folder");
    private static final Key<List<String>> TRACKED_SYSCALLS = Key.list(
            "kpod.syscall.tracked-syscalls",
            "read,write,openat,close,connect,accept4,sendto,recvfrom,epoll_wait,futex",
            "a list of at most 32 system calls by the kernel's names",
            "system calls that the collector syscall tells apart");

    /** Every key. */
    public static final List<Key<?>> KEYS = keys(
            NODE_NAME,
            PROFILE,
            POLL_INTERVAL,
            METRICS_ADDRESS,
            METRICS_PORT,
            DISCOVERY_MODE,
            NAMESPACES,
            EXCLUDED_NAMESPACES,
            LABEL_SELECTOR,
            BPF_ENABLED,
            PROGRAM_DIRECTORY,
            MAX_CONTAINERS,
            CGROUP_ROOT,
            PUSH_INTERVAL,
            PUSH_SERVICE,
            PUSH_ENDPOINTS,
            TOKEN_FILE,
            CA_FILE,
            CA_CONFIG_MAP,
            KUBELET_POLL_INTERVAL,
            KUBELET_ADDRESS,
            KUBELET_PORT,
            KUBELET_TOKEN_FILE,
            KUBELET_CA_FILE,
            PROC_ROOT,
            TRACKED_SYSCALLS);

    /**
     * Reads the settings from file, environment and command line.
     *
     * @throws ConfigurationException with one line a mistake
     */
    public static AgentSettings load(List<String> arguments, Map<String, String> environment)
            throws ConfigurationException {
        Configuration from = Configuration.load(KEYS, arguments, environment);
        AgentSettings settings = new AgentSettings(
                from.get(NODE_NAME).isEmpty() ? hostName() : from.get(NODE_NAME),
                collectors(from),
                from.get(POLL_INTERVAL),
                new Metrics(from.get(METRICS_ADDRESS), from.get(METRICS_PORT)),
                new Discovery(
                        from.get(DISCOVERY_MODE),
                        from.get(NAMESPACES),
                        from.get(EXCLUDED_NAMESPACES),
                        from.get(LABEL_SELECTOR),
                        selector(from.get(LABEL_SELECTOR)),
                        new KubeletAccess(
                                from.get(KUBELET_ADDRESS),
                                from.get(KUBELET_PORT),
                                from.get(KUBELET_POLL_INTERVAL),
                                from.get(KUBELET_TOKEN_FILE),
                                from.get(KUBELET_CA_FILE))),
                new Bpf(from.get(BPF_ENABLED), from.get(PROGRAM_DIRECTORY), from.get(MAX_CONTAINERS)),
                from.get(TRACKED_SYSCALLS),
                from.get(CGROUP_ROOT),
                procRoot(from.get(PROC_ROOT)),
                new Push(
                        from.get(PUSH_INTERVAL),
                        from.get(PUSH_SERVICE),
                        from.get(PUSH_ENDPOINTS),
                        from.get(TOKEN_FILE),
                        from.get(CA_FILE),
                        from.get(CA_CONFIG_MAP)));
        List<String> contradictions = settings.contradictions();
        if (!contradictions.isEmpty()) {
            throw new ConfigurationException(contradictions);
        }
        return settings;
    }

    private static Map<String, Key<Boolean>> collectorKeys() {
        Map<String, Key<Boolean>> keys = new LinkedHashMap<>();
        Catalogue.METRICS.stream().map(Metric::collector).distinct().forEach(name -> {
            boolean standard = Profile.STANDARD.collectors().contains(name);
            keys.put(
                    name,
                    Key.flag(
                            "kpod.collector." + name + ".enabled",
                            standard,
                            "with kpod.profile=custom: whether the collector " + name + " runs"));
        });
        return keys;
    }

    private static List<Key<?>> keys(Key<?>... keys) {
        List<Key<?>> all = new ArrayList<>(List.of(keys));
        all.addAll(all.indexOf(PROFILE) + 1, COLLECTOR_ENABLED.values());
        return List.copyOf(all);
    }

    private static Set<String> collectors(Configuration from) {
        Profile profile = from.get(PROFILE);
        Set<String> names = new LinkedHashSet<>();
        COLLECTOR_ENABLED.forEach((name, enabled) -> {
            if (profile == Profile.CUSTOM
                    ? from.get(enabled)
                    : profile.collectors().contains(name)) {
                names.add(name);
            }
        });
        return names;
    }

    /** The machine's own /proc where no other is mounted: outside a pod. */
    private static Path procRoot(Path configured) {
        return Files.isDirectory(configured) ? configured : Path.of("/proc");
    }

    private static LabelSelector selector(String written) throws ConfigurationException {
        try {
            return LabelSelector.parse(written);
        } catch (MalformedSelectorException e) {
            throw new ConfigurationException(
                    List.of(LABEL_SELECTOR.name() + ": \"" + written + "\": " + e.getMessage()));
        }
    }

    private List<String> contradictions() {
        var found = new ArrayList<String>();
        boolean standAlone = discovery.mode() == DiscoveryMode.NONE;
        if (standAlone && !discovery.labelSelector().isEmpty()) {
            found.add(
                    LABEL_SELECTOR.name() + ": \"" + discovery.labelSelector()
                            + "\" selects pods by label, but kpod.discovery.mode=none knows no labels: use informer or kubelet, or leave it empty");
        }
        if (standAlone && !push.service().isEmpty()) {
            found.add(PUSH_SERVICE.name() + ": \"" + push.service()
                    + "\" is a Kubernetes Service, but kpod.discovery.mode=none has no Kubernetes: use "
                    + PUSH_ENDPOINTS.name());
        }
        if (!push.service().isEmpty() && !push.endpoints().isEmpty()) {
            found.add(PUSH_ENDPOINTS.name() + ": " + push.endpoints() + " and " + PUSH_SERVICE.name() + "="
                    + push.service() + " are both set: choose one");
        }
        for (String endpoint : push.endpoints()) {
            if (!isEndpoint(endpoint)) {
                found.add(PUSH_ENDPOINTS.name() + ": \"" + endpoint + "\" is not https://HOST:PORT");
            }
        }
        SyscallFamily.mistakes(trackedSyscalls).forEach(mistake -> found.add(TRACKED_SYSCALLS.name() + ": " + mistake));
        if (push.enabled()
                && push.caFile().toString().isEmpty()
                && push.caConfigMap().isEmpty()) {
            found.add(CA_FILE.name() + ": empty, and so is " + CA_CONFIG_MAP.name()
                    + ": set one, so that the api-server's certificate can be checked");
        }
        return found;
    }

    private static boolean isEndpoint(String endpoint) {
        try {
            URI uri = new URI(endpoint);
            return "https".equals(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getPort() > 0
                    && uri.getPort() <= 65_535
                    && uri.equals(new URI("https://" + uri.getHost() + ":" + uri.getPort()));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
