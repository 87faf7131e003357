package io.kpod.apiserver.query;

import io.kpod.apiserver.inventory.Inventory;
import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.quantity.HumanText;
import io.kpod.apiserver.window.NodeState;
import io.kpod.apiserver.window.PodName;
import io.kpod.apiserver.window.PodWindow;
import io.kpod.apiserver.window.WindowStore;
import io.kpod.summary.Metric;
import io.kpod.summary.wire.CollectorReport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** Asks the window about pods of the inventory: a pod is answered from the node that it is on and from no other. */
public final class PodQuery {
    /** A push may take this many intervals to show a new pod: one to be seen by the agent, one to be told. */
    private static final int PUSHES_UNTIL_SEEN = 2;

    private static final Duration USUAL_PUSH_INTERVAL = Duration.ofSeconds(5);

    private final Inventory inventory;
    private final WindowStore store;
    private final NamespaceFilter namespaces;
    private final InstantSource wallClock;

    /** @param wallClock for ages of pods, which are for people */
    public PodQuery(Inventory inventory, WindowStore store, NamespaceFilter namespaces, InstantSource wallClock) {
        this.inventory = inventory;
        this.store = store;
        this.namespaces = namespaces;
        this.wallClock = wallClock;
    }

    /** What is known of the pod of that name. */
    public Answer ask(PodName name, Duration window, Predicate<Metric> wanted) {
        Optional<Pod> pod = inventory.pod(name);
        if (pod.isEmpty()) {
            return new Answer.Absent(unknown(name));
        }
        Optional<PodWindow> measured = measured(pod.get(), window, wanted);
        return measured.isPresent()
                ? new Answer.Measured(pod.get(), measured.get())
                : new Answer.Absent(whyNot(pod.get()));
    }

    /** The pod over the window; empty if nothing is known of it or what is known is stale. */
    public Optional<PodWindow> measured(Pod pod, Duration window, Predicate<Metric> wanted) {
        if (pod.node().isEmpty() || store.node(pod.node()).map(NodeState::stale).orElse(true)) {
            return Optional.empty();
        }
        return last(pod, window, wanted);
    }

    /** The same of one that may be gone, or stale. */
    public Optional<PodWindow> last(Pod pod, Duration window, Predicate<Metric> wanted) {
        return store.pod(pod.node(), pod.name(), pod.uid(), window, wanted);
    }

    /** Why no pod on these nodes can have the metric, if its collector is not at work on any of them. */
    public Optional<Absence> collectorOff(Collection<Pod> pods, Metric metric) {
        Optional<Absence> first = Optional.empty();
        for (String node : pods.stream().map(Pod::node).distinct().toList()) {
            Optional<Absence> off = collectorOffOn(node, metric);
            if (off.isEmpty() && !collectors(node).isEmpty()) {
                return Optional.empty();
            }
            first = first.or(() -> off);
        }
        return first;
    }

    /** Why nothing on the node can have the metric, if its agent says that the collector is not at work. */
    public Optional<Absence> collectorOffOn(String node, Metric metric) {
        List<CollectorReport> collectors = collectors(node);
        Optional<CollectorReport> report = collectors.stream()
                .filter(each -> each.collector().equals(metric.collector()))
                .findFirst();
        if (collectors.isEmpty() || report.map(CollectorReport::running).orElse(false)) {
            return Optional.empty();
        }
        return Optional.of(report.map(off -> new Absence(
                        Absence.Reason.COLLECTOR_OFF,
                        "the collector " + metric.collector() + " is off on node " + node + ": " + off.reason()))
                .orElseGet(() -> new Absence(
                        Absence.Reason.COLLECTOR_NOT_CHOSEN,
                        "the agent on node " + node + " does not run the collector " + metric.collector()
                                + ": choose it by kpod.profile")));
    }

    private List<CollectorReport> collectors(String node) {
        return store.node(node).map(NodeState::collectors).orElse(List.of());
    }

    /** Why there is nothing to say about a name that is no pod's. */
    public Absence unknown(PodName name) {
        return inventory.synced()
                ? new Absence(Absence.Reason.POD_UNKNOWN, "there is no pod " + name)
                : Absence.PODS_NOT_LISTED_YET;
    }

    /** Whether all pods are known, so that a number of many stands for all of them. */
    public boolean listed() {
        return inventory.synced();
    }

    /** Why there is nothing to say about a pod. */
    public Absence whyNot(Pod pod) {
        if (pod.node().isEmpty()) {
            return new Absence(Absence.Reason.NOT_SCHEDULED, "pod " + pod.name() + " is not on a node yet");
        }
        if (namespaces.excludes(pod.name().namespace())) {
            return new Absence(
                    Absence.Reason.NAMESPACE_EXCLUDED,
                    "namespace " + pod.name().namespace()
                            + " is excluded by kpod.filter.exclude-namespaces or kpod.filter.namespaces");
        }
        Optional<NodeState> heard = store.node(pod.node());
        if (heard.isEmpty()) {
            return new Absence(
                    Absence.Reason.NO_AGENT_ON_NODE,
                    "no agent has been heard from its node " + pod.node() + " since this server started "
                            + HumanText.age(store.uptime()) + " ago");
        }
        return whyNot(pod, heard.get());
    }

    private Absence whyNot(Pod pod, NodeState node) {
        String agent = "the agent on its node " + pod.node() + " was last heard " + HumanText.age(node.age()) + " ago";
        if (node.stale()) {
            return new Absence(Absence.Reason.AGENT_SILENT, agent);
        }
        if (pod.finished()) {
            return new Absence(
                    Absence.Reason.POD_FINISHED,
                    "pod " + pod.name() + " has " + pod.phase().toLowerCase(Locale.ROOT)
                            + " and what was measured is out of the window");
        }
        if (!node.collectors().isEmpty() && node.collectors().stream().noneMatch(CollectorReport::running)) {
            CollectorReport off = node.collectors().getFirst();
            return new Absence(
                    Absence.Reason.COLLECTORS_OFF,
                    agent + "; its collector " + off.collector() + " is off: " + off.reason());
        }
        if (node.overflowedContainers() > 0) {
            return new Absence(
                    Absence.Reason.HOST_OVER_SLOT_LIMIT,
                    agent + " and had no slot for " + node.overflowedContainers()
                            + " containers: raise kpod.bpf.max-containers");
        }
        Duration interval = node.pushInterval().isZero() ? USUAL_PUSH_INTERVAL : node.pushInterval();
        if (pod.created() != null) {
            Duration age = Duration.between(pod.created(), wallClock.instant());
            if (age.compareTo(interval.multipliedBy(PUSHES_UNTIL_SEEN)) < 0) {
                return new Absence(
                        Absence.Reason.YOUNGER_THAN_A_PUSH,
                        "pod " + pod.name() + " is " + HumanText.age(age) + " old and " + agent + "; it pushes every "
                                + HumanText.age(interval));
            }
        }
        return new Absence(Absence.Reason.CGROUP_NOT_FOUND, agent + " and has found no cgroup of the pod");
    }
}
