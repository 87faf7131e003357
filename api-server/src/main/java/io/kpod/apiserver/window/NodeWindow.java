package io.kpod.apiserver.window;

import io.kpod.apiserver.ingest.SummarySink.Outcome;
import io.kpod.summary.Metric;
import io.kpod.summary.histogram.Histogram;
import io.kpod.summary.wire.CollectorReport;
import io.kpod.summary.wire.ContainerIdentity;
import io.kpod.summary.wire.MalformedSummaryException;
import io.kpod.summary.wire.SampleVisitor;
import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryLimits;
import io.kpod.summary.wire.SummaryReader;
import io.kpod.summary.wire.SummaryReader.ContainerPart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One node: the session of its agent, its containers' totals and the slots. All methods may be called by any thread;
 * each holds the node's lock for the time it takes to walk a summary or to copy references, and does no I/O.
 */
final class NodeWindow {
    private static final int STALE_AFTER_PUSHES = 3;
    /** An increment may cover a long sleep; the pace it tells of is no slower than this. */
    private static final long LONGEST_PUSH_INTERVAL_NANOS =
            Duration.ofMinutes(1).toNanos();

    private final String node;
    private final WindowSettings settings;
    private final SlotLog slots;
    private final Map<PodName, List<TrackedContainer>> byPod = new HashMap<>();
    private final long[] scratch = new long[Histogram.WIDTH];
    private final SeriesBudget budget;
    private @Nullable AgentSession session;
    private int tracked;
    private long appliedNanos;
    private long pushIntervalNanos;
    private long overflowedContainers;
    private List<CollectorReport> collectors = List.of();

    NodeWindow(String node, WindowSettings settings) {
        this.node = node;
        this.settings = settings;
        this.slots = new SlotLog(settings);
        this.budget = new SeriesBudget(settings.limits().maxSeriesPerContainer(), settings.maxSeriesPerNode());
    }

    /** Applies a summary, or nothing of it. {@code now} is its arrival. */
    synchronized Outcome apply(CheckedSummary summary, long now) {
        SummaryHeader header = summary.parsed().header();
        AgentSession current = session;
        boolean known = current != null && current.is(header.session());
        if (current != null && known && header.sequence() <= current.sequence) {
            return new Outcome.Acknowledged(current.sequence, false, 0);
        }
        if (!header.complete()
                && (current == null
                        || !known
                        || header.sequence() != current.sequence + 1
                        || !knowsAll(current, summary))) {
            return new Outcome.Acknowledged(current == null || !known ? 0 : current.sequence, true, 0);
        }
        AgentSession base = current != null && known ? current : new AgentSession(header.session());
        Optional<Outcome> refusal = refusal(base, summary, now);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        if (!header.complete()) {
            applyIncrements(base, summary, now);
        } else if (known) {
            applyTotals(base, summary, now);
        } else {
            if (current != null) {
                end(current);
            }
            session = base;
            begin(base, summary, now);
        }
        base.sequence = header.sequence();
        base.elapsedNanos = header.elapsedNanos();
        base.appliedNanos = now;
        appliedNanos = now;
        if (!header.complete()) {
            pushIntervalNanos = Math.min(header.intervalNanos(), LONGEST_PUSH_INTERVAL_NANOS);
        } else {
            collectors = List.copyOf(summary.parsed().collectors());
        }
        overflowedContainers = header.overflowedContainers();
        return new Outcome.Acknowledged(base.sequence, false, 0);
    }

    /** Whether anything of it has ever been applied. */
    synchronized boolean wasApplied() {
        return session != null;
    }

    /** What is known of the agent. */
    synchronized NodeState state(long now) {
        Duration interval = Duration.ofNanos(pushIntervalNanos);
        Duration age = Duration.ofNanos(now - appliedNanos);
        Duration threePushes = interval.multipliedBy(STALE_AFTER_PUSHES);
        Duration bound =
                threePushes.compareTo(WindowSettings.STALE_AFTER) > 0 ? threePushes : WindowSettings.STALE_AFTER;
        return new NodeState(age, age.compareTo(bound) > 0, interval, overflowedContainers, collectors);
    }

    /** What a reader needs to answer for a pod without the lock; empty if no container of it is known. */
    synchronized Optional<PodSnapshot> snapshot(PodName pod, String uid, long windowNanos) {
        List<TrackedContainer> containers = byPod.getOrDefault(pod, List.of()).stream()
                .filter(container -> sameUid(uid, container.identity.podUid()))
                .toList();
        return snapshot(containers.stream(), windowNanos, container -> container.identity.container());
    }

    /** The same for all that the node has. */
    synchronized Optional<PodSnapshot> snapshot(long windowNanos) {
        return snapshot(
                byPod.values().stream().flatMap(List::stream),
                windowNanos,
                container ->
                        container.pod() + "/" + container.identity.podUid() + "/" + container.identity.container());
    }

    private Optional<PodSnapshot> snapshot(
            Stream<TrackedContainer> containers, long windowNanos, Function<TrackedContainer, String> name) {
        List<Slot> wanted = slots.last(windowNanos);
        long from = wanted.isEmpty() ? appliedNanos : wanted.getFirst().span.fromNanos();
        List<PodSnapshot.Container> copies = containers
                .filter(c -> c.endedNanos == TrackedContainer.STILL_THERE || c.endedNanos - from > 0)
                .map(container -> PodSnapshot.Container.of(container, name.apply(container)))
                .toList();
        return copies.isEmpty()
                ? Optional.empty()
                : Optional.of(new PodSnapshot(copies, wanted, slots.lastPolled(windowNanos)));
    }

    /** The pods that the node's containers belong to; the rest of the node is none. */
    synchronized List<SpokenPod> pods() {
        List<SpokenPod> pods = new ArrayList<>(byPod.size());
        byPod.forEach((name, containers) -> {
            ContainerIdentity last = containers.getLast().identity;
            if (!last.isRest()) {
                long started = containers.stream()
                        .mapToLong(c -> c.identity.startedUnixMillis())
                        .min()
                        .orElse(0);
                pods.add(new SpokenPod(node, name, last.podUid(), started));
            }
        });
        return pods;
    }

    /** Those of {@link #pods()} of which a window of that length has something. */
    synchronized List<SpokenPod> pods(long windowNanos) {
        List<Slot> wanted = slots.last(windowNanos);
        long from = wanted.isEmpty() ? appliedNanos : wanted.getFirst().span.fromNanos();
        return pods().stream()
                .filter(pod -> byPod.getOrDefault(pod.name(), List.of()).stream()
                        .anyMatch(c -> c.endedNanos == TrackedContainer.STILL_THERE || c.endedNanos - from > 0))
                .toList();
    }

    /**
     * Drops what is beyond the retention; false if nothing is left worth keeping and the node has been silent for
     * {@code forget}.
     */
    synchronized boolean expire(long now, Duration forget) {
        slots.expire(now);
        dropEnded(now - settings.retention().toNanos());
        return now - appliedNanos < forget.toNanos();
    }

    synchronized long bytes() {
        return slots.bytes();
    }

    /** How many series have totals here. */
    synchronized int series() {
        return budget.series();
    }

    /** How often a series was not kept because there were too many. */
    synchronized long refusedSeries() {
        return budget.refused();
    }

    private static boolean sameUid(String asked, String told) {
        return asked.isEmpty() || told.isEmpty() || asked.equals(told);
    }

    private static boolean knowsAll(AgentSession session, CheckedSummary summary) {
        return summary.parsed().containers().stream()
                .allMatch(part -> part.identity() != null || session.containers.containsKey(part.ref()));
    }

    /** Why the summary can't be applied although it is well-formed. */
    private Optional<Outcome> refusal(AgentSession base, CheckedSummary summary, long now) {
        SummaryReader.Parsed parsed = summary.parsed();
        SummaryLimits limits = settings.limits();
        int strings = (parsed.header().complete() ? 0 : base.labels.size() - 1)
                + parsed.strings().size();
        if (summary.highestLabel() > strings) {
            return Optional.of(new Outcome.Malformed(
                    "label " + summary.highestLabel() + " of a session that has " + strings + " strings"));
        }
        if (strings > limits.maxStrings()) {
            return Optional.of(new Outcome.Refused("node " + node + " has " + strings + " label values; at most "
                    + limits.maxStrings() + " are kept"));
        }
        int more = 0;
        for (ContainerPart part : parsed.containers()) {
            TrackedContainer container = base.containers.get(part.ref());
            if (container == null) {
                more++;
            } else if (part.identity() != null && !sameContainer(part.identity(), container.identity)) {
                return Optional.of(new Outcome.Malformed("container ref " + part.ref() + " was " + container.pod() + "/"
                        + container.identity.container() + " and can't be "
                        + part.identity().namespace() + "/"
                        + part.identity().pod() + "/" + part.identity().container()));
            }
        }
        if (tracked + more > settings.maxContainersPerNode()) {
            dropEnded(now);
        }
        if (tracked + more > settings.maxContainersPerNode()) {
            return Optional.of(new Outcome.Refused("node " + node + " has " + (tracked + more) + " containers; at most "
                    + settings.maxContainersPerNode() + " are kept"));
        }
        return Optional.empty();
    }

    private static boolean sameContainer(ContainerIdentity one, ContainerIdentity other) {
        return one.namespace().equals(other.namespace())
                && one.pod().equals(other.pod())
                && one.podUid().equals(other.podUid())
                && one.container().equals(other.container())
                && one.containerId().equals(other.containerId());
    }

    private void applyIncrements(AgentSession current, CheckedSummary summary, long now) {
        SummaryReader.Parsed parsed = summary.parsed();
        long interval = parsed.header().intervalNanos();
        Span span = new Span(now - interval, now);
        current.labels.append(parsed.strings());
        beginWindow(current, span.fromNanos());
        List<ContainerPart> recent = new ArrayList<>(parsed.containers().size());
        for (ContainerPart part : parsed.containers()) {
            FirstIncrement increment = increment(current, part, parsed.header(), interval);
            TrackedContainer container = tracked(current, part, now - increment.nanos());
            visit(summary.body(), part, new ToTotals(container.totals, current.labels));
            endIfEnded(container, part, now);
            if (increment.ofWindow()) {
                recent.add(part);
            }
        }
        Span polled = polled(current, parsed, span);
        slots.append(new Slot(current, current.labels, span, polled, false, summary.body(), recent), node);
    }

    /**
     * The complete form in a known session: the increments are what the totals have grown by, over all that was lost
     * in between.
     */
    private void applyTotals(AgentSession current, CheckedSummary summary, long now) {
        SummaryReader.Parsed parsed = summary.parsed();
        long interval = Math.max(
                parsed.header().elapsedNanos() - current.elapsedNanos,
                parsed.header().intervalNanos());
        Span span = new Span(now - interval, now);
        current.newLabels(parsed.strings());
        beginWindow(current, span.fromNanos());
        TotalsDifference difference = new TotalsDifference(node, current, interval);
        List<TrackedContainer> gone = new ArrayList<>(current.containers.values());
        for (ContainerPart part : parsed.containers()) {
            FirstIncrement increment = increment(current, part, parsed.header(), interval);
            TrackedContainer container = tracked(current, part, now - increment.nanos());
            gone.remove(container);
            if (increment.ofWindow()) {
                difference.begin(container);
                visit(summary.body(), part, difference);
                difference.end();
            } else {
                visit(summary.body(), part, new ToTotals(container.totals, current.labels));
            }
            endIfEnded(container, part, now);
        }
        for (TrackedContainer container : gone) {
            container.end(now);
            current.containers.remove(container.ref);
        }
        byte[] body = difference.finish();
        List<ContainerPart> parts = SlotLog.parts(body, settings.limits());
        slots.append(new Slot(current, current.labels, span, polled(current, parsed, span), false, body, parts), node);
    }

    /** The first summary of a session: totals from a start that may be long ago, so that no increment is known yet. */
    private void begin(AgentSession fresh, CheckedSummary summary, long now) {
        SummaryReader.Parsed parsed = summary.parsed();
        fresh.newLabels(parsed.strings());
        fresh.polledNanos = parsed.header().polledNanos();
        for (ContainerPart part : parsed.containers()) {
            TrackedContainer container = tracked(fresh, part, now);
            container.polledFromNanos = now - (parsed.header().elapsedNanos() - fresh.polledNanos);
            visit(summary.body(), part, new ToTotals(container.totals, fresh.labels));
            endIfEnded(container, part, now);
        }
    }

    /** The first increments after a session's totals: from here on its containers have a window. */
    private static void beginWindow(AgentSession session, long fromNanos) {
        if (session.totalsAlone) {
            for (TrackedContainer container : session.containers.values()) {
                container.knownFromNanos = fromNanos;
                if (session.polledNanos == 0) {
                    container.polledFromNanos = fromNanos;
                }
            }
            session.totalsAlone = false;
        }
    }

    /**
     * What the polled increments of a summary are over. An agent that does not tell when it reads the slow sources, or
     * has not read them yet, is taken to read them for each summary.
     */
    private static Span polled(AgentSession session, SummaryReader.Parsed parsed, Span summary) {
        long before = session.polledNanos;
        long last = parsed.header().polledNanos();
        if (before == 0 && last == 0) {
            return summary;
        }
        if (last <= before) {
            return new Span(summary.toNanos(), summary.toNanos());
        }
        session.polledNanos = last;
        long to = summary.toNanos() - (parsed.header().elapsedNanos() - last);
        if (before != 0) {
            return new Span(to - (last - before), to);
        }
        return new Span(summary.fromNanos() - to < 0 ? summary.fromNanos() : to, to);
    }

    private static void end(AgentSession old) {
        for (TrackedContainer container : old.containers.values()) {
            container.end(old.appliedNanos);
        }
        old.containers.clear();
    }

    private static FirstIncrement increment(
            AgentSession current, ContainerPart part, SummaryHeader header, long interval) {
        ContainerIdentity identity = part.identity();
        return identity == null || current.containers.containsKey(part.ref())
                ? new FirstIncrement(interval, true)
                : FirstIncrement.of(header, identity, interval);
    }

    private TrackedContainer tracked(AgentSession current, ContainerPart part, long knownFrom) {
        TrackedContainer container = current.containers.get(part.ref());
        if (container == null) {
            ContainerIdentity identity = part.identity();
            if (identity == null) {
                throw new IllegalStateException("ref " + part.ref() + " of " + node + " was not checked");
            }
            List<TrackedContainer> ofPod =
                    byPod.computeIfAbsent(new PodName(identity.namespace(), identity.pod()), pod -> new ArrayList<>(1));
            container = ended(ofPod, current, part.ref());
            if (container == null) {
                container = new TrackedContainer(current, part.ref(), ofSamePod(identity, ofPod), budget, knownFrom);
                ofPod.add(container);
                tracked++;
            }
            container.endedNanos = TrackedContainer.STILL_THERE;
            current.containers.put(part.ref(), container);
        }
        return container;
    }

    /** The identity with the strings that are kept already. */
    private static ContainerIdentity ofSamePod(ContainerIdentity identity, List<TrackedContainer> ofPod) {
        if (ofPod.isEmpty()) {
            return identity;
        }
        ContainerIdentity known = ofPod.getLast().identity;
        return new ContainerIdentity(
                known.namespace(),
                known.pod(),
                known.podUid().equals(identity.podUid()) ? known.podUid() : identity.podUid(),
                known.container().equals(identity.container()) ? known.container() : identity.container(),
                identity.containerId(),
                identity.startedUnixMillis());
    }

    /**
     * A container whose last words were applied but whose acknowledgement was lost comes once more: its totals are
     * known already.
     */
    private static @Nullable TrackedContainer ended(List<TrackedContainer> containers, AgentSession session, int ref) {
        for (TrackedContainer container : containers) {
            if (container.session == session && container.ref == ref) {
                return container;
            }
        }
        return null;
    }

    private static void endIfEnded(TrackedContainer container, ContainerPart part, long now) {
        if (part.ended()) {
            container.end(now);
            container.session.containers.remove(container.ref);
        }
    }

    private void visit(byte[] body, ContainerPart part, SampleVisitor visitor) {
        try {
            SummaryReader.samples(body, part.offset(), part.length(), settings.limits(), scratch, visitor);
        } catch (MalformedSummaryException e) {
            throw new IllegalStateException("a checked summary can't be read again", e);
        }
    }

    /** Forgets containers that ended before {@code nanos}. */
    private void dropEnded(long nanos) {
        Iterator<List<TrackedContainer>> pods = byPod.values().iterator();
        while (pods.hasNext()) {
            List<TrackedContainer> containers = pods.next();
            containers.removeIf(container -> {
                boolean old = container.endedNanos != TrackedContainer.STILL_THERE && container.endedNanos - nanos <= 0;
                if (old) {
                    container.totals.release();
                    tracked--;
                }
                return old;
            });
            if (containers.isEmpty()) {
                pods.remove();
            }
        }
    }

    /** Adds increments, or the first totals, to a container's totals. */
    private record ToTotals(Totals totals, LabelTable labels) implements SampleVisitor {
        @Override
        public void counter(Metric metric, int label, long value) {
            totals.addCounter(metric, labels.value(label), value);
        }

        @Override
        public void gauge(Metric metric, int label, double value) {
            totals.setGauge(metric, labels.value(label), value);
        }

        @Override
        public void distribution(Metric metric, int label, long[] flat) {
            totals.addDistribution(metric, labels.value(label), flat);
        }
    }
}
