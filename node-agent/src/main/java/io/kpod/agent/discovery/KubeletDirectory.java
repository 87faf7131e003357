package io.kpod.agent.discovery;

import io.kpod.agent.FailureLog;
import io.kpod.agent.container.Attribution;
import io.kpod.agent.container.CgroupOwner;
import io.kpod.agent.container.ContainerDirectory;
import io.kpod.selector.LabelSelector;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/**
 * The pods of this node from its kubelet, without the Kubernetes API. It is asked every poll interval, and every second
 * for {@link #SOON} once a container shows up that no pod has named: the kubelet knows of it a second or two later. While
 * it does not answer, the known pods go on.
 */
public final class KubeletDirectory implements ContainerDirectory, AutoCloseable {
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(5);

    /** A pod's sandbox is a container that no pod names, for ever: each id is asked for once. */
    private static final int MOST_IDS_ASKED_FOR = 4096;

    private final FailureLog failures = new FailureLog(LoggerFactory.getLogger("discovery"));
    private final Kubelet kubelet;
    private final long intervalNanos;
    private final NodePods known;
    private final Set<String> askedFor = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("kubelet").factory());
    private volatile long soonUntilNanos = System.nanoTime();
    private volatile boolean synced;

    /** Used by the thread alone. */
    private long askedNanos;

    /**
     * Starts to ask.
     *
     * @param selector which labels a pod must have
     */
    public KubeletDirectory(
            Kubelet kubelet,
            Duration interval,
            List<String> namespaces,
            List<String> excludedNamespaces,
            LabelSelector selector) {
        this.kubelet = kubelet;
        this.intervalNanos = interval.toNanos();
        NamespaceFilter filter = new NamespaceFilter(namespaces, excludedNamespaces);
        this.known =
                new NodePods(pod -> filter.admits(pod.getMetadata().getNamespace()) && selector.matches(labels(pod)));
        thread.scheduleWithFixedDelay(this::tick, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public Attribution find(CgroupOwner owner) {
        Attribution found = known.find(owner);
        if (found instanceof Attribution.Unknown
                && owner instanceof CgroupOwner.PodContainer(String podUid, String containerId)
                && askedFor.add(containerId)) {
            soonUntilNanos = System.nanoTime() + SOON.toNanos();
        }
        return found;
    }

    @Override
    public boolean synced() {
        return synced;
    }

    @Override
    public String trouble() {
        return synced ? failures.current() : "pods of this node not listed yet; " + failures.current();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private static Map<String, String> labels(NodePod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    private void tick() {
        long now = System.nanoTime();
        if (!synced || now - askedNanos >= intervalNanos || now - soonUntilNanos < 0) {
            askedNanos = now;
            ask();
        }
    }

    private void ask() {
        try {
            List<NodePod> pods = kubelet.pods();
            pods.forEach(known::learn);
            known.retain(pods.stream().map(pod -> pod.getMetadata().getUid()).collect(Collectors.toSet()));
            synced = true;
            failures.works("the kubelet tells of its pods again");
        } catch (IOException | RuntimeException e) {
            failures.failed("asking the kubelet at " + kubelet.address() + " for this node's pods failed: "
                    + FailureLog.reason(e) + "; known pods go on, trying again");
        }
        if (askedFor.size() > MOST_IDS_ASKED_FOR) {
            askedFor.clear();
        }
    }
}
