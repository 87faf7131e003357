package io.kpod.apiserver.window;

import io.kpod.apiserver.ingest.SummarySink.Outcome;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.wire.CollectorReport;
import io.kpod.summary.wire.ContainerIdentity;
import io.kpod.summary.wire.MalformedSummaryException;
import io.kpod.summary.wire.SummaryHeader;
import io.kpod.summary.wire.SummaryLimits;
import io.kpod.summary.wire.SummaryReader;
import io.kpod.summary.wire.SummaryReader.ContainerPart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
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

    private static final byte[] NOTHING = {};
    private static final List<Metric> DIRECT =
            Catalogue.TOLD.stream().filter(metric -> !metric.polled()).toList();
    private static final List<Metric> POLLED =
            Catalogue.TOLD.stream().filter(Metric::polled).toList();

    private final String node;
    private final WindowSettings settings;
    private final SharedNames names;
    private final SlotLog slots;
    private final Map<PodName, List<TrackedContainer>> byPod = new HashMap<>();
    private final SeriesBudget budget;
    private Labels labels;
    private @Nullable AgentSession session;
    private int tracked;
    private long appliedNanos;
    private long pushIntervalNanos;
    private long overflowedContainers;
    private List<CollectorReport> collectors = List.of();

    NodeWindow(String node, WindowSettings settings, SharedNames names) {
        this.node = node;
        this.names = names;
        this.settings = settings;
        this.slots = new SlotLog(settings);
        this.labels = new Labels(names);
        this.budget = new SeriesBudget(settings.limits().maxSeriesPerContainer(), settings.maxSeriesPerNode());
    }

    /** Applies a summary, or nothing of it. {@code now} is its arrival. */
    synchronized Outcome apply(CheckedSummary summary, long now, Workspace work) {
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
        Optional<Outcome> refusal = refusal(base, summary, now, work);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        if (!header.complete()) {
            applyIncrements(base, summary, now, work);
        } else if (known) {
            applyTotals(base, summary, now, work);
        } else {
            if (current != null) {
                end(current, work);
            }
            session = base;
            begin(base, summary, now, work);
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

    /**
     * What a reader needs to answer for a pod without the lock; empty if no container of it is known.
     *
     * @param wanted metrics
     */
    synchronized Optional<PodSnapshot> snapshot(
            PodName pod, String uid, long windowNanos, Predicate<Metric> wanted, Workspace work) {
        return snapshot(
                byPod.getOrDefault(pod, List.of()), uid, windowNanos, wanted, container -> container.name, work);
    }

    /** The same for all that the node has. */
    synchronized Optional<PodSnapshot> snapshot(long windowNanos, Predicate<Metric> wanted, Workspace work) {
        List<TrackedContainer> all =
                byPod.values().stream().flatMap(List::stream).toList();
        return snapshot(
                all,
                "",
                windowNanos,
                wanted,
                container -> container.pod + "/" + container.podUid + "/" + container.name,
                work);
    }

    private Optional<PodSnapshot> snapshot(
            List<TrackedContainer> containers,
            String uid,
            long windowNanos,
            Predicate<Metric> wanted,
            Function<TrackedContainer, String> name,
            Workspace work) {
        List<Slot> direct = slots.last(windowNanos);
        List<Slot> polled = slots.lastPolled(windowNanos);
        boolean anyDirect = any(DIRECT, wanted);
        boolean anyPolled = any(POLLED, wanted);
        long from = direct.isEmpty() ? appliedNanos : direct.getFirst().span().fromNanos();
        List<PodSnapshot.Container> copies = new ArrayList<>(containers.size());
        for (TrackedContainer container : containers) {
            if (sameUid(uid, container.podUid) && container.livesAfter(from)) {
                byte[] totals = container.totals.copy(wanted, work);
                // increments of a series that has no total don't count
                boolean known = totals.length > 0;
                copies.add(new PodSnapshot.Container(
                        name.apply(container),
                        container.startedUnixMillis,
                        container.knownFromNanos,
                        container.polledFromNanos,
                        container.endedNanos,
                        totals,
                        known && anyDirect ? increments(direct, container, work.container) : NOTHING,
                        known && anyPolled ? increments(polled, container, work.container) : NOTHING));
            }
        }
        return copies.isEmpty()
                ? Optional.empty()
                : Optional.of(new PodSnapshot(
                        copies, labels.values(), spans(direct, Slot::span), spans(polled, Slot::polled), wanted));
    }

    private static List<Span> spans(List<Slot> slots, Function<Slot, Span> span) {
        List<Span> spans = new ArrayList<>(slots.size());
        for (Slot slot : slots) {
            spans.add(span.apply(slot));
        }
        return spans;
    }

    private static boolean any(List<Metric> metrics, Predicate<Metric> wanted) {
        for (Metric metric : metrics) {
            if (wanted.test(metric)) {
                return true;
            }
        }
        return false;
    }

    private byte[] increments(List<Slot> wanted, TrackedContainer container, PackedSeries work) {
        work.clear();
        slots.copy(wanted, container.session, container.ref, work);
        return Arrays.copyOf(work.bytes(), work.size());
    }

    /** The pods that the node's containers belong to; the rest of the node is none. */
    synchronized List<SpokenPod> pods() {
        return pods(containers -> true);
    }

    /** Those of {@link #pods()} of which a window of that length has something. */
    synchronized List<SpokenPod> pods(long windowNanos) {
        List<Slot> wanted = slots.last(windowNanos);
        long from = wanted.isEmpty() ? appliedNanos : wanted.getFirst().span().fromNanos();
        return pods(containers -> {
            for (TrackedContainer container : containers) {
                if (container.livesAfter(from)) {
                    return true;
                }
            }
            return false;
        });
    }

    private List<SpokenPod> pods(Predicate<List<TrackedContainer>> chosen) {
        List<SpokenPod> pods = new ArrayList<>(byPod.size());
        byPod.forEach((name, containers) -> {
            TrackedContainer last = containers.getLast();
            if (!last.isRest() && chosen.test(containers)) {
                long started = last.startedUnixMillis;
                for (TrackedContainer container : containers) {
                    started = Math.min(started, container.startedUnixMillis);
                }
                pods.add(new SpokenPod(node, name, last.podUid, started));
            }
        });
        return pods;
    }

    /**
     * Drops what is beyond the retention; false if nothing is left worth keeping and the node has been silent for
     * {@code forget}.
     */
    synchronized boolean expire(long now, Duration forget, Workspace work) {
        slots.expire(now);
        dropEnded(now - settings.retention().toNanos(), work);
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
    private Optional<Outcome> refusal(AgentSession base, CheckedSummary summary, long now, Workspace work) {
        SummaryReader.Parsed parsed = summary.parsed();
        SummaryLimits limits = settings.limits();
        int strings = (parsed.header().complete() ? 0 : base.labels.length - 1)
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
            } else if (part.identity() != null && !container.is(part.identity())) {
                return Optional.of(new Outcome.Malformed("container ref " + part.ref() + " was " + container.pod + "/"
                        + container.name + " and can't be "
                        + part.identity().namespace() + "/"
                        + part.identity().pod() + "/" + part.identity().container()));
            }
        }
        if (tracked + more > settings.maxContainersPerNode()) {
            dropEnded(now, work);
        }
        if (tracked + more > settings.maxContainersPerNode()) {
            return Optional.of(new Outcome.Refused("node " + node + " has " + (tracked + more) + " containers; at most "
                    + settings.maxContainersPerNode() + " are kept"));
        }
        return Optional.empty();
    }

    private void applyIncrements(AgentSession current, CheckedSummary summary, long now, Workspace work) {
        SummaryReader.Parsed parsed = summary.parsed();
        long interval = parsed.header().intervalNanos();
        Span span = new Span(now - interval, now);
        current.append(parsed.strings(), labels);
        beginWindow(current, span.fromNanos());
        work.slot.clear();
        for (ContainerPart part : parsed.containers()) {
            FirstIncrement increment = increment(current, part, parsed.header(), interval);
            TrackedContainer container = tracked(current, part, now - increment.nanos());
            read(summary.body(), part, current, work);
            if (increment.ofWindow()) {
                work.container.clear();
                work.increments.write(work.container);
                work.slot.container(part.ref(), work.container);
            }
            container.totals.add(work.increments, work);
            endIfEnded(container, part, now, work);
        }
        slots.append(current, span, polled(current, parsed, span), work);
    }

    /**
     * The complete form in a known session: the increments are what the totals have grown by, over all that was lost
     * in between.
     */
    private void applyTotals(AgentSession current, CheckedSummary summary, long now, Workspace work) {
        SummaryReader.Parsed parsed = summary.parsed();
        long interval = Math.max(
                parsed.header().elapsedNanos() - current.elapsedNanos,
                parsed.header().intervalNanos());
        Span span = new Span(now - interval, now);
        newLabels(current, parsed.strings(), work);
        beginWindow(current, span.fromNanos());
        work.slot.clear();
        Set<TrackedContainer> gone = new HashSet<>(current.containers.values());
        for (ContainerPart part : parsed.containers()) {
            FirstIncrement increment = increment(current, part, parsed.header(), interval);
            TrackedContainer container = tracked(current, part, now - increment.nanos());
            gone.remove(container);
            read(summary.body(), part, current, work);
            if (increment.ofWindow()) {
                work.container.clear();
                container.totals.replace(work.increments, work.container, work);
                work.slot.container(part.ref(), work.container);
            } else {
                container.totals.add(work.increments, work);
            }
            endIfEnded(container, part, now, work);
        }
        for (TrackedContainer container : gone) {
            container.end(now, work);
            current.containers.remove(container.ref);
        }
        slots.append(current, span, polled(current, parsed, span), work);
    }

    /** The first summary of a session: totals from a start that may be long ago, so that no increment is known yet. */
    private void begin(AgentSession fresh, CheckedSummary summary, long now, Workspace work) {
        SummaryReader.Parsed parsed = summary.parsed();
        newLabels(fresh, parsed.strings(), work);
        fresh.polledNanos = parsed.header().polledNanos();
        for (ContainerPart part : parsed.containers()) {
            TrackedContainer container = tracked(fresh, part, now);
            container.polledFromNanos = now - (parsed.header().elapsedNanos() - fresh.polledNanos);
            read(summary.body(), part, fresh, work);
            container.totals.add(work.increments, work);
            endIfEnded(container, part, now, work);
        }
    }

    /** A table of strings that starts anew; what no series has any more is forgotten when there is too much of it. */
    private void newLabels(AgentSession current, List<String> strings, Workspace work) {
        current.newLabels();
        current.append(strings, labels);
        if (labels.size() > 2 * settings.limits().maxStrings()) {
            relabel(current, work);
        }
    }

    private void relabel(AgentSession current, Workspace work) {
        Labels used = new Labels(names);
        String[] values = labels.values();
        int[] indices = new int[labels.size()];
        boolean[] inUse = new boolean[indices.length];
        for (int label : current.labels) {
            inUse[label] = true;
        }
        byPod.values().forEach(containers -> containers.forEach(container -> container.totals.markLabels(inUse, work)));
        slots.markLabels(inUse, work);
        for (int i = 0; i < indices.length; i++) {
            indices[i] = inUse[i] ? used.indexOf(values[i]) : 0;
        }
        labels = used;
        current.relabel(indices);
        byPod.values().forEach(containers -> containers.forEach(container -> container.totals.relabel(indices, work)));
        slots.relabel(indices, work);
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

    private static void end(AgentSession old, Workspace work) {
        for (TrackedContainer container : old.containers.values()) {
            container.end(old.appliedNanos, work);
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
            PodName pod = new PodName(names.of(identity.namespace()), identity.pod());
            List<TrackedContainer> ofPod = byPod.computeIfAbsent(pod, name -> new ArrayList<>(1));
            container = ended(ofPod, current, part.ref());
            if (container == null) {
                container = fresh(current, part.ref(), identity, pod, ofPod, knownFrom);
                ofPod.add(container);
                tracked++;
            }
            container.endedNanos = TrackedContainer.STILL_THERE;
            current.containers.put(part.ref(), container);
        }
        return container;
    }

    /** A container that was not known, with the strings that are kept already. */
    private TrackedContainer fresh(
            AgentSession current,
            int ref,
            ContainerIdentity identity,
            PodName pod,
            List<TrackedContainer> ofPod,
            long knownFrom) {
        TrackedContainer sibling = ofPod.isEmpty() ? null : ofPod.getLast();
        return new TrackedContainer(
                current,
                ref,
                identity,
                sibling == null ? pod : sibling.pod,
                sibling != null && sibling.podUid.equals(identity.podUid()) ? sibling.podUid : identity.podUid(),
                names.of(identity.container()),
                budget,
                knownFrom);
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

    private static void endIfEnded(TrackedContainer container, ContainerPart part, long now, Workspace work) {
        if (part.ended()) {
            container.end(now, work);
            container.session.containers.remove(container.ref);
        }
    }

    /** Reads the series of a container into the workspace. */
    private void read(byte[] body, ContainerPart part, AgentSession session, Workspace work) {
        work.increments.clear();
        work.increments.labels(session.labels);
        try {
            SummaryReader.samples(body, part.offset(), part.length(), settings.limits(), work.flat, work.increments);
        } catch (MalformedSummaryException e) {
            throw new IllegalStateException("a checked summary can't be read again", e);
        }
    }

    /** Forgets containers that ended before {@code nanos}. */
    private void dropEnded(long nanos, Workspace work) {
        Iterator<List<TrackedContainer>> pods = byPod.values().iterator();
        while (pods.hasNext()) {
            List<TrackedContainer> containers = pods.next();
            containers.removeIf(container -> {
                boolean old = container.endedNanos != TrackedContainer.STILL_THERE && container.endedNanos - nanos <= 0;
                if (old) {
                    container.totals.release(work);
                    tracked--;
                }
                return old;
            });
            if (containers.isEmpty()) {
                pods.remove();
            }
        }
    }
}
