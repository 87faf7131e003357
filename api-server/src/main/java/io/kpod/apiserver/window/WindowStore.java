package io.kpod.apiserver.window;

import io.kpod.apiserver.ingest.SummarySink;
import io.kpod.summary.Metric;
import io.kpod.summary.wire.MalformedSummaryException;
import io.kpod.summary.wire.SummaryReader.ContainerPart;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What the agents said lately, by node. Time is this server's monotonic clock at arrival and the agents' own monotonic
 * intervals. An agent's wall clock decides on one thing, within bounds: how far back the first increments of a
 * container reach ({@link FirstIncrement}).
 */
public final class WindowStore implements SummarySink {
    private static final Duration SWEEP_EVERY = Duration.ofSeconds(10);
    /** How long it is known when a silent node was last heard. */
    private static final Duration FORGET_NODE_AFTER = Duration.ofHours(1);

    private final WindowSettings settings;
    private final Admission admission;
    private final LongSupplier nanoClock;
    private final long startedNanos;
    private final Map<String, NodeWindow> nodes = new ConcurrentHashMap<>();
    private final SharedNames names = new SharedNames();
    private final ConcurrentLinkedQueue<Workspace> workspaces = new ConcurrentLinkedQueue<>();
    private final AtomicLong revision = new AtomicLong();
    private final AtomicLong nextSweepNanos;
    private volatile long bytes;

    /** @param nanoClock monotonic, {@link System#nanoTime} */
    public WindowStore(WindowSettings settings, Admission admission, LongSupplier nanoClock) {
        this.settings = settings;
        this.admission = admission;
        this.nanoClock = nanoClock;
        this.startedNanos = nanoClock.getAsLong();
        this.nextSweepNanos = new AtomicLong(startedNanos + SWEEP_EVERY.toNanos());
    }

    @Override
    public Outcome accept(String node, byte[] body) {
        return withWorkspace(work -> accept(node, body, work));
    }

    private <T> T withWorkspace(Function<Workspace, T> use) {
        Workspace work = Optional.ofNullable(workspaces.poll()).orElseGet(Workspace::new);
        try {
            return use.apply(work);
        } finally {
            workspaces.offer(work);
        }
    }

    private Outcome accept(String node, byte[] body, Workspace work) {
        CheckedSummary summary;
        try {
            summary = CheckedSummary.read(body, settings.limits(), work.flat);
        } catch (MalformedSummaryException e) {
            return new Outcome.Malformed(String.valueOf(e.getMessage()));
        }
        String claimed = summary.parsed().header().node();
        if (!claimed.equals(node)) {
            return new Outcome.NodeMismatch(claimed, node);
        }
        for (ContainerPart part : summary.parsed().containers()) {
            if (part.identity() != null && !part.identity().isRest()) {
                Optional<String> refusal = admission.refusal(node, part.identity(), part.ended());
                if (refusal.isPresent()) {
                    return new Outcome.Refused(refusal.get());
                }
            }
        }
        long now = nanoClock.getAsLong();
        sweepIfDue(now, work);
        Outcome outcome = nodes.computeIfAbsent(node, name -> new NodeWindow(name, settings, names))
                .apply(summary, now, work);
        if (outcome instanceof Outcome.Acknowledged(long applied, boolean completeWanted, int pauseMillis)) {
            revision.incrementAndGet();
            return new Outcome.Acknowledged(
                    applied,
                    completeWanted,
                    pauseMillis(summary.parsed().header().intervalNanos()));
        }
        return outcome;
    }

    /** Rises with each summary; the resourceVersion of all that is served. */
    public long revision() {
        return revision.get();
    }

    /** How long this store has been taking summaries. */
    public Duration uptime() {
        return Duration.ofNanos(nanoClock.getAsLong() - startedNanos);
    }

    /** The longest window that can be asked for. */
    public Duration retention() {
        return settings.retention();
    }

    /** What is known of a node's agent; empty if it has not been heard. */
    public Optional<NodeState> node(String node) {
        return Optional.ofNullable(nodes.get(node))
                .filter(NodeWindow::wasApplied)
                .map(window -> window.state(nanoClock.getAsLong()));
    }

    /** The names of the nodes whose agent has been heard. */
    public List<String> nodes() {
        return nodes.entrySet().stream()
                .filter(node -> node.getValue().wasApplied())
                .map(Map.Entry::getKey)
                .toList();
    }

    /** How long ago each node's agent was last heard, by node. */
    public Map<String, Duration> ages() {
        long now = nanoClock.getAsLong();
        return nodes.entrySet().stream()
                .filter(node -> node.getValue().wasApplied())
                .collect(Collectors.toMap(
                        Map.Entry::getKey, node -> node.getValue().state(now).age()));
    }

    /** How many nodes have been heard and are not stale. */
    public int freshNodes() {
        long now = nanoClock.getAsLong();
        return (int) nodes.values().stream()
                .filter(window -> window.wasApplied() && !window.state(now).stale())
                .count();
    }

    /** Encoded increments of all nodes, as of the last sweep. */
    public long bytes() {
        return bytes;
    }

    /**
     * A pod over the window that ends with its node's last summary; empty if nothing is known of it. Staleness is for
     * the caller to decide on.
     *
     * @param uid of the pod; a container of another pod of that name doesn't count; empty: any
     * @param wanted metrics to decode
     */
    public Optional<PodWindow> pod(String node, PodName pod, String uid, Duration window, Predicate<Metric> wanted) {
        NodeWindow nodeWindow = nodes.get(node);
        if (nodeWindow == null) {
            return Optional.empty();
        }
        Duration age = nodeWindow.state(nanoClock.getAsLong()).age();
        return withWorkspace(work -> nodeWindow.snapshot(pod, uid, window.toNanos(), wanted, work))
                .map(snapshot -> snapshot.decode(age));
    }

    /** Series that have totals. */
    public long series() {
        return nodes.values().stream().mapToLong(NodeWindow::series).sum();
    }

    /** How often a series was not kept because its container or its node had too many. */
    public long refusedSeries() {
        return nodes.values().stream().mapToLong(NodeWindow::refusedSeries).sum();
    }

    /**
     * A whole node over the window that ends with its last summary: all its containers and pods, and the rest; empty if
     * nothing is known of it.
     *
     * @param wanted metrics to decode
     */
    public Optional<ContainerWindow> nodeTotal(String node, Duration window, Predicate<Metric> wanted) {
        NodeWindow nodeWindow = nodes.get(node);
        return nodeWindow == null
                ? Optional.empty()
                : withWorkspace(work -> nodeWindow.snapshot(window.toNanos(), wanted, work))
                        .map(PodSnapshot::decode);
    }

    /** The pods of one node of which a window of that length, ending with the node's last summary, has something. */
    public List<SpokenPod> pods(String node, Duration window) {
        NodeWindow nodeWindow = nodes.get(node);
        return nodeWindow == null ? List.of() : nodeWindow.pods(window.toNanos());
    }

    /** All pods that containers of the retention belong to, as the agents name them. */
    public List<SpokenPod> pods() {
        return nodes.values().stream().flatMap(node -> node.pods().stream()).toList();
    }

    private int pauseMillis(long pushIntervalNanos) {
        return bytes > settings.maxBytes()
                ? (int) Math.min(60_000, Duration.ofNanos(pushIntervalNanos).toMillis() * 2)
                : 0;
    }

    private void sweepIfDue(long now, Workspace work) {
        long due = nextSweepNanos.get();
        if (now - due < 0 || !nextSweepNanos.compareAndSet(due, now + SWEEP_EVERY.toNanos())) {
            return;
        }
        nodes.values().removeIf(node -> node.wasApplied() && !node.expire(now, FORGET_NODE_AFTER, work));
        bytes = nodes.values().stream().mapToLong(NodeWindow::bytes).sum();
    }
}
