package io.kpod.agent;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.Collectors;
import io.kpod.agent.container.ContainerDirectory;
import io.kpod.agent.discovery.InformerDirectory;
import io.kpod.agent.discovery.Kubelet;
import io.kpod.agent.discovery.KubeletDirectory;
import io.kpod.agent.discovery.StandAloneDirectory;
import io.kpod.agent.exposition.AgentMetrics;
import io.kpod.agent.exposition.MetricsPage;
import io.kpod.agent.exposition.MetricsServer;
import io.kpod.agent.poll.SlowSources;
import io.kpod.agent.push.CertificateAuthority;
import io.kpod.agent.push.Pusher;
import io.kpod.agent.push.Replicas;
import io.kpod.agent.push.ServiceReplicas;
import io.kpod.agent.snapshot.NodeReadings;
import io.kpod.configuration.Configuration;
import io.kpod.configuration.ConfigurationException;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.Capability;
import io.kpod.summary.wire.CollectorReport;
import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node agent. All its parts are made and joined here: kernel, containers' names, readings, {@code /metrics},
 * pushes.
 */
public final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("agent");

    /** The Kubernetes client's own log repeats, with stack traces, what the watches say here in a line. */
    private static final java.util.logging.Logger CLIENT_LOG = java.util.logging.Logger.getLogger("io.fabric8");

    /** One line: time, level, component, message. */
    private static final String LOG_FORMAT = "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s: %5$s%6$s%n";

    /** How often slots of ended containers are read and given back, whoever else reads. */
    private static final long HARVEST_MILLIS = 1_000;

    /** How often the heap is collected and its free part given back: some 40 ms each. */
    private static final long COLLECT_MINUTES = 10;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Collectors collectors;
    private final MetricsServer server;

    /**
     * Starts the agent.
     *
     * @throws IOException if it cannot listen; what the kernel lacks is a collector's state, not a failure
     */
    public Agent(AgentSettings settings) throws IOException {
        try {
            long measuredSinceNanos = System.nanoTime();
            collectors = owned(Collectors.start(settings));
            server = start(settings, measuredSinceNanos);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private MetricsServer start(AgentSettings settings, long measuredSinceNanos) throws IOException {
        KubernetesClient kubernetes = needsKubernetes(settings) ? owned(kubernetesClient()) : null;
        ContainerDirectory directory = directory(settings, kubernetes);
        NodeReadings readings = new NodeReadings(
                collectors.slots(),
                collectors.running(),
                directory,
                settings.push().enabled());

        SlowSources slowSources = owned(new SlowSources(readings, collectors.slow(), settings.pollInterval()));

        PrometheusRegistry registry = new PrometheusRegistry();
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, registry, Clock.SYSTEM);
        parts.push(meters::close);
        AgentMetrics.register(meters, collectors, readings, slowSources, directory);
        MetricsServer metricsServer = owned(new MetricsServer(
                settings.metrics(),
                new MetricsPage(readings, settings.nodeName(), registry),
                () -> directory.synced() ? "" : directory.trouble()));

        ScheduledExecutorService harvester = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("harvest").factory());
        parts.push(harvester::shutdownNow);
        harvester.scheduleWithFixedDelay(
                guarded(() -> {
                    readings.read(containers -> {});
                    collectors.warnOfOverflow();
                    directory.trouble();
                }),
                0,
                HARVEST_MILLIS,
                TimeUnit.MILLISECONDS);
        harvester.scheduleWithFixedDelay(System::gc, COLLECT_MINUTES, COLLECT_MINUTES, TimeUnit.MINUTES);
        long poll = settings.pollInterval().toMillis();
        harvester.scheduleWithFixedDelay(guarded(collectors::rewalk), poll, poll, TimeUnit.MILLISECONDS);

        if (settings.push().enabled()) {
            startPushing(settings, measuredSinceNanos, kubernetes, readings, meters);
        }
        return metricsServer;
    }

    /** The port of {@code /metrics}. */
    public int metricsPort() {
        return server.port();
    }

    /**
     * Drops, in the whole process and for good, the capabilities that only the start needs: what is attached and mapped stays.
     * The agent of a machine without Kubernetes keeps those by which it looks into other processes' mounts.
     */
    public void dropCapabilities() {
        Set<Capability> kept = EnumSet.of(Capability.SYS_PTRACE, Capability.DAC_READ_SEARCH);
        if (collectors.needBpf()) {
            kept.add(Capability.BPF);
        }
        Set<Capability> before = Capability.held();
        kept.retainAll(before);
        try {
            int dropped = Capability.keepOnly(kept);
            before.removeAll(kept);
            LOG.info("capabilities: kept {}, dropped {} ({} in all)", kept, before, dropped);
        } catch (BpfException e) {
            LOG.warn("the agent keeps rights that it does not need: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                LOG.warn("while stopping: {}", e.getMessage());
            }
        }
    }

    /** The program: reads its settings, runs until SIGTERM. */
    public static void main(String[] arguments) throws InterruptedException {
        System.setProperty("java.util.logging.SimpleFormatter.format", LOG_FORMAT);
        CLIENT_LOG.setLevel(Level.SEVERE);
        List<String> given = Arrays.asList(arguments);
        if (given.contains("--help")) {
            System.out.print(Configuration.help(AgentSettings.KEYS));
            return;
        }
        AtomicInteger exitCode = new AtomicInteger();
        AtomicReference<@Nullable Agent> started = new AtomicReference<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            Agent agent = started.get();
            if (agent != null) {
                agent.close();
            }
            // after a signal the JVM would exit with 128 + its number
            Runtime.getRuntime().halt(exitCode.get());
        }));
        try {
            AgentSettings settings = AgentSettings.load(given, System.getenv());
            Agent agent = new Agent(settings);
            started.set(agent);
            agent.dropCapabilities();
            System.out.println("node agent of " + settings.nodeName() + " is up: http://"
                    + settings.metrics().address() + ":" + agent.metricsPort() + "/metrics");
        } catch (ConfigurationException e) {
            e.mistakes().forEach(System.err::println);
            exit(exitCode, 2);
        } catch (IOException e) {
            System.err.println(e.getMessage());
            exit(exitCode, 1);
        } catch (RuntimeException | LinkageError e) {
            System.err.println("the agent could not start: " + e);
            exit(exitCode, 1);
        }
        Thread.currentThread().join();
    }

    private static void exit(AtomicInteger exitCode, int code) {
        exitCode.set(code);
        System.exit(code);
    }

    private static boolean needsKubernetes(AgentSettings settings) {
        return settings.discovery().mode() == AgentSettings.DiscoveryMode.INFORMER
                || !settings.push().service().isEmpty()
                || !settings.push().caConfigMap().isEmpty();
    }

    /** Its requests fail at once: the watches try again by themselves, and say so in the meantime. */
    private static KubernetesClient kubernetesClient() {
        return new KubernetesClientBuilder()
                .editOrNewConfig()
                .withRequestRetryBackoffLimit(0)
                .endConfig()
                .build();
    }

    private ContainerDirectory directory(AgentSettings settings, @Nullable KubernetesClient kubernetes) {
        AgentSettings.Discovery discovery = settings.discovery();
        return switch (discovery.mode()) {
            case INFORMER ->
                owned(new InformerDirectory(
                        required(kubernetes),
                        settings.nodeName(),
                        discovery.namespaces(),
                        discovery.excludedNamespaces(),
                        discovery.labelSelector()));
            case KUBELET ->
                owned(new KubeletDirectory(
                        kubelet(settings.nodeName(), discovery.kubelet()),
                        discovery.kubelet().pollInterval(),
                        discovery.namespaces(),
                        discovery.excludedNamespaces(),
                        discovery.selector()));
            case NONE -> new StandAloneDirectory(discovery.namespaces(), discovery.excludedNamespaces());
        };
    }

    private static Kubelet kubelet(String nodeName, AgentSettings.KubeletAccess access) {
        return new Kubelet(access.address(), access.port(), nodeName, access.tokenFile(), access.caFile());
    }

    private void startPushing(
            AgentSettings settings,
            long measuredSinceNanos,
            @Nullable KubernetesClient kubernetes,
            NodeReadings readings,
            PrometheusMeterRegistry meters) {
        AgentSettings.Push push = settings.push();
        // the watch may report replicas before the pusher is there
        AtomicReference<@Nullable Pusher> pusher = new AtomicReference<>();
        Replicas replicas = push.service().isEmpty()
                ? Replicas.fixed(push.endpoints())
                : owned(new ServiceReplicas(required(kubernetes), push.service(), () -> {
                    Pusher started = pusher.get();
                    if (started != null) {
                        started.hurry();
                    }
                }));
        CertificateAuthority authority = push.caConfigMap().isEmpty()
                ? CertificateAuthority.ofFile(push.caFile())
                : CertificateAuthority.ofConfigMap(required(kubernetes), push.caConfigMap());
        pusher.set(owned(new Pusher(
                settings.nodeName(),
                push.interval(),
                readings,
                measuredSinceNanos,
                replicas,
                push.tokenFile(),
                authority,
                () -> collectors.status().stream().map(Agent::report).toList(),
                collectors::overflowed,
                meters)));
    }

    private static CollectorReport report(Collectors.Status status) {
        return switch (status.state()) {
            case CollectorState.Running(String hook) -> new CollectorReport(status.collector(), true, hook);
            case CollectorState.Off(String reason) -> new CollectorReport(status.collector(), false, reason);
        };
    }

    /** A periodic task that an exception would otherwise silently end. */
    private static Runnable guarded(Runnable task) {
        FailureLog failures = new FailureLog(LOG);
        return () -> {
            try {
                task.run();
                failures.works("reading works again");
            } catch (RuntimeException e) {
                failures.failed("reading the containers failed: " + e);
            }
        };
    }

    private static KubernetesClient required(@Nullable KubernetesClient kubernetes) {
        return Objects.requireNonNull(kubernetes);
    }

    private <T extends AutoCloseable> T owned(T part) {
        parts.push(part);
        return part;
    }
}
