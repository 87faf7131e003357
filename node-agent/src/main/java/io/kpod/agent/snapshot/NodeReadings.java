package io.kpod.agent.snapshot;

import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.PairVisitor;
import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.Target;
import io.kpod.agent.container.Attribution;
import io.kpod.agent.container.CgroupPath;
import io.kpod.agent.container.ContainerDirectory;
import io.kpod.agent.container.ContainerName;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.ContainerSlots.Slot;
import io.kpod.agent.kernel.Containers;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.Kernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Readings of all containers of this node, taken from memory that the kernel shares: no system call, and no allocation
 * while no container comes or goes.
 *
 * <p>A container that ended keeps its last values here until they have been scraped once and pushed to every API
 * server, or until {@link #KEPT_AFTER_END}; its slot is given back at once. Safe for use by several threads.
 */
public final class NodeReadings {
    /** How long the last values of a container wait for a scrape and a push. */
    public static final Duration KEPT_AFTER_END = Duration.ofMinutes(5);

    /** How long an ended container may wait for its name: the pod's status comes seconds after the container. */
    public static final Duration NAMED_AFTER_END = Duration.ofSeconds(60);

    /**
     * Name of what no container's series shows: excluded containers, those that ended before anybody said whose they
     * were, and those without a slot. With it, a node's series add up to all that was counted on the node.
     */
    public static final ContainerName REST = new ContainerName("", "", "", "", "");

    /** For values of ended containers that wait for a scrape and a push. */
    private static final long MOST_ENDED_BYTES = 8 << 20;

    private static final int MOST_ENDED = 2048;

    /** The last switch of a dying task comes after its group is gone. */
    private static final long SETTLE_NANOS = Duration.ofMillis(200).toNanos();

    private final @Nullable Containers slots;
    private final List<Collector> collectors;
    private final ContainerDirectory directory;
    private final SeriesLayout layout;
    private final ReentrantLock lock = new ReentrantLock();

    /** By number; ended ones are in {@code ended}. */
    private final Map<Integer, ContainerReading> live = new LinkedHashMap<>();

    private final @Nullable ContainerReading[] bySlot;

    private final EndedValues.Display display = new EndedValues.Display();
    private final List<ContainerReading> ended = new ArrayList<>();
    private final List<ContainerReading> reported = new ArrayList<>();
    private final boolean waitForPushes;
    private final Map<ContainerName, PodReading> pods = new HashMap<>();
    /** Pods whose containers all ended: what they share lives on if one starts again. */
    private final Set<ContainerName> emptiedPods = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ContainerName, Boolean> eldest) {
            return size() > MOST_ENDED;
        }
    });

    private final HostServices services;
    private final ContainerReading rest;
    /** Last values of containers that no series showed. */
    private final long[] unshownEnded;

    private final long[] scratch;
    /** Slots of containers whose last values are in. */
    private final List<Slot> settled = new ArrayList<>();

    private final PairVisitor pairs = new Preemptions();
    private int lastRef;
    private long unattributedEnded;
    /** When the last reading of all slow sources began; null: there was none. */
    private volatile @Nullable Long polledNanos;

    private final AtomicLong cycles = new AtomicLong();
    private final AtomicLong cycleNanos = new AtomicLong();

    /**
     * Reads through these collectors.
     *
     * @param slots null: there is no cgroup v2, so no container is known
     * @param waitForPushes whether there is anybody to push to
     */
    public NodeReadings(
            @Nullable Containers slots,
            List<Collector> collectors,
            ContainerDirectory directory,
            boolean waitForPushes) {
        this.slots = slots;
        this.collectors = List.copyOf(collectors);
        this.directory = directory;
        this.layout = SeriesLayout.of(collectors);
        this.waitForPushes = waitForPushes;
        bySlot = new ContainerReading[slots == null ? 0 : slots.capacity() + 1];
        rest = ContainerReading.named(++lastRef, REST, System.currentTimeMillis(), layout.series(), layout.width());
        services = new HostServices(slots);
        unshownEnded = new long[layout.width()];
        scratch = new long[layout.width()];
    }

    /** How the values of a reading are laid out. */
    public SeriesLayout layout() {
        return layout;
    }

    /**
     * Takes a reading and shows it: every container whose name is known, the ended ones that still wait among them. The
     * lock is held meanwhile: do no I/O.
     */
    public void read(Consumer<List<ContainerReading>> consumer) {
        lock.lock();
        try {
            long begin = System.nanoTime();
            refresh();
            cycleNanos.addAndGet(System.nanoTime() - begin);
            cycles.incrementAndGet();
            consumer.accept(reported);
            forgetDelivered();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a reading for a scrape: at most one container a name. A container that ended is shown in one scrape, with
     * its last values; one that was started under the same name since is held back until the next, for a page can hold
     * a series once.
     */
    public void scrape(Consumer<List<ContainerReading>> consumer) {
        read(containers -> {
            Map<ContainerName, ContainerReading> shown = new LinkedHashMap<>();
            for (ContainerReading container : containers) {
                ContainerName series = required(container.name()).withoutIncarnation();
                ContainerReading other = shown.get(series);
                if (!container.exposedAfterEnd() && (other == null || !other.ended() && container.ended())) {
                    shown.put(series, container);
                }
            }
            consumer.accept(List.copyOf(shown.values()));
            shown.values().forEach(ContainerReading::markExposed);
        });
    }

    /**
     * What slow sources are to be read for: containers first, then their pods.
     *
     * @param unsampledOnly only those that no sample was taken of, as of the last reading: asked for each second, it must
     *     not read all containers again
     */
    public List<Target> targets(boolean unsampledOnly) {
        lock.lock();
        try {
            if (!unsampledOnly) {
                refresh();
            } else if (allSampled()) {
                return List.of();
            }
            List<Target> targets = new ArrayList<>(live.size() + pods.size());
            for (ContainerReading reading : live.values()) {
                Target target = reading.target();
                if (target != null && !(unsampledOnly && reading.sampled())) {
                    targets.add(target);
                }
            }
            for (PodReading pod : pods.values()) {
                if (!unsampledOnly || !pod.reading.sampled()) {
                    targets.add(pod.target());
                }
            }
            return targets;
        } finally {
            lock.unlock();
        }
    }

    private boolean allSampled() {
        for (ContainerReading reading : live.values()) {
            if (reading.name() != null && !reading.sampled()) {
                return false;
            }
        }
        for (PodReading pod : pods.values()) {
            if (!pod.reading.sampled()) {
                return false;
            }
        }
        return true;
    }

    /** Takes what the slow sources said of a target; nothing if it is gone. */
    public void take(Target target, Sample sample) {
        lock.lock();
        try {
            switch (target) {
                case Target.OfContainer container -> {
                    ContainerReading reading = live.get(container.ref());
                    if (reading != null) {
                        reading.take(sample, required(reading.slot()).seenBorn());
                    }
                }
                case Target.OfPod ofPod -> {
                    PodReading pod = pods.get(ofPod.name());
                    if (pod != null && pod.reading.ref() == ofPod.ref()) {
                        pod.reading.take(sample, pod.seenBorn);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** All slow sources have been read, beginning at {@link System#nanoTime} {@code atNanos}. */
    public void polled(long atNanos) {
        polledNanos = atNanos;
    }

    /** When the last reading of all slow sources began; empty: there was none. */
    public OptionalLong polledNanos() {
        Long at = polledNanos;
        return at == null ? OptionalLong.empty() : OptionalLong.of(at);
    }

    /** How many readings were taken. */
    public long cycles() {
        return cycles.get();
    }

    /** Time that all readings took. */
    public double cycleNanos() {
        return cycleNanos.get();
    }

    /** Containers that ended without anybody having said whose they were (sandboxes among them). */
    public long unattributedEnded() {
        lock.lock();
        try {
            return unattributedEnded;
        } finally {
            lock.unlock();
        }
    }

    private void refresh() {
        collectors.forEach(Collector::refresh);
        if (slots != null) {
            settled.clear();
            slots.scan(this::observe);
            // while the slots are still those that the pairs were counted by
            for (Collector collector : collectors) {
                collector.showPairs(pairs);
            }
            settled.forEach(slot -> end(slots, slot));
        }
        reported.clear();
        pods.values().forEach(pod -> pod.containers.clear());
        System.arraycopy(unshownEnded, 0, rest.values(), 0, layout.width());
        for (ContainerReading reading : live.values()) {
            readValues(required(reading.slot()).index(), reading);
            attribute(reading);
            if (reading.attribution() instanceof Attribution.Excluded) {
                add(reading.values(), rest.values());
            }
        }
        long now = System.nanoTime();
        for (Iterator<ContainerReading> each = ended.iterator(); each.hasNext(); ) {
            ContainerReading reading = each.next();
            attribute(reading);
            boolean unnamed = reading.attribution() instanceof Attribution.Unknown
                    && reading.nanosSinceEnd(now) > NAMED_AFTER_END.toNanos();
            if (unnamed) {
                unattributedEnded++;
            }
            if (unnamed || reading.attribution() instanceof Attribution.Excluded) {
                add(reading.values(), unshownEnded);
                add(reading.values(), rest.values());
                each.remove();
            }
        }
        endEmptyPods(now);
        if (slots != null) {
            readFixed(0, scratch);
            add(scratch, rest.values());
            reported.add(rest);
        }
    }

    private void endEmptyPods(long now) {
        for (Iterator<PodReading> each = pods.values().iterator(); each.hasNext(); ) {
            PodReading pod = each.next();
            if (pod.containers.isEmpty()) {
                each.remove();
                emptiedPods.add(required(pod.reading.name()));
                pod.reading.end(now, display);
                if (!pod.reading.series().isEmpty()) {
                    ended.add(pod.reading);
                }
            }
            if (!pod.reading.series().isEmpty()) {
                reported.add(pod.reading);
            }
        }
    }

    private void observe(Slot slot) {
        ContainerReading reading = bySlot[slot.index()];
        if (reading == null || required(reading.slot()).generation() != slot.generation()) {
            if (reading != null) {
                live.remove(reading.ref());
            }
            reading = new ContainerReading(
                    ++lastRef, slot, CgroupPath.parse(slot.path()), unixMillis(slot.bornBootNanos()), layout);
            bySlot[slot.index()] = reading;
            live.put(reading.ref(), reading);
        }
        if (slot.state() == ContainerSlots.State.ENDED && Kernel.bootNanos() - slot.endedBootNanos() > SETTLE_NANOS) {
            settled.add(slot);
        }
    }

    private void end(Containers slots, Slot slot) {
        ContainerReading reading = required(bySlot[slot.index()]);
        readValues(slot.index(), reading);
        if (released(slots, slot)) {
            bySlot[slot.index()] = null;
            live.remove(reading.ref());
            reading.end(System.nanoTime(), display);
            ended.add(reading);
        }
    }

    /** Who took the CPU from whom, for those who are pushed to; who has no name is in the victim's preemptions alone. */
    private final class Preemptions implements PairVisitor {
        @Override
        public void bySlot(int victim, int offender, long times) {
            ContainerReading by = named(offender);
            preempted(victim, by == null ? null : by.asPreemptor(), times);
        }

        @Override
        public void byGroup(int victim, long cgroupId, long times) {
            preempted(victim, services.nameOf(cgroupId), times);
        }

        private void preempted(int victim, @Nullable String who, long times) {
            if (!waitForPushes || who == null) {
                return;
            }
            ContainerReading of = named(victim);
            if (of != null) {
                of.preempted(who, times);
            }
        }

        /** The container in a slot, which this reading may be the first to see; null: it has no name. */
        private @Nullable ContainerReading named(int slot) {
            ContainerReading reading = bySlot[slot];
            if (reading == null) {
                return null;
            }
            if (reading.attribution() instanceof Attribution.Unknown) {
                reading.attribute(directory.find(reading.owner()));
            }
            return reading.name() == null ? null : reading;
        }
    }

    private static boolean released(Containers slots, Slot slot) {
        try {
            return slots.release(slot);
        } catch (BpfException e) {
            throw new IllegalStateException("giving slot " + slot.index() + " back: " + e.getMessage(), e);
        }
    }

    private void readValues(int slot, ContainerReading reading) {
        readFixed(slot, reading.values());
        for (int i = 0; i < collectors.size(); i++) {
            collectors.get(i).readLabelled(slot, reading);
        }
    }

    private void readFixed(int slot, long[] into) {
        for (int i = 0; i < collectors.size(); i++) {
            collectors.get(i).read(slot, into, layout.collectorOffsets().get(i));
        }
    }

    /** All series of the layout are counters and distributions: sums of longs. */
    private void add(long[] values, long[] to) {
        for (int i = 0; i < layout.width(); i++) {
            to[i] += values[i];
        }
    }

    private void attribute(ContainerReading reading) {
        if (reading.attribution() instanceof Attribution.Unknown) {
            reading.attribute(directory.find(reading.owner()));
        }
        ContainerName name = reading.name();
        if (name == null) {
            return;
        }
        reported.add(reading);
        if (!reading.ended() && reading.slot() != null) {
            pod(reading, reading.slot(), name).containers.add(reading);
        }
    }

    private PodReading pod(ContainerReading reading, Slot slot, ContainerName name) {
        PodReading known = reading.pod();
        if (known == null || known.reading.ended()) {
            known = pods.computeIfAbsent(
                    name.ofPod(),
                    ofPod -> new PodReading(
                            ContainerReading.named(++lastRef, ofPod, reading.startedUnixMillis(), List.of(), 0),
                            slot.seenBorn() && !emptiedPods.contains(ofPod)));
            reading.belongsTo(known);
        }
        return known;
    }

    private void forgetDelivered() {
        if (ended.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        ended.removeIf(reading -> {
            if (!waitForPushes) {
                reading.markPushed();
            }
            return reading.delivered() || reading.nanosSinceEnd(now) > KEPT_AFTER_END.toNanos();
        });
        makeRoom();
    }

    /**
     * More containers ended than there is room for until somebody asks. Those that nobody was told of become the node's rest,
     * so that its total stays exact; only when that is not enough do others lose what they counted since they were shown.
     */
    private void makeRoom() {
        long room = Math.min(MOST_ENDED, MOST_ENDED_BYTES / (Long.BYTES * Math.max(1L, layout.width())));
        long excess = ended.size() - room;
        for (Iterator<ContainerReading> each = ended.iterator(); excess > 0 && each.hasNext(); ) {
            ContainerReading reading = each.next();
            if (reading.slot() != null && !reading.shown()) {
                if (reading.name() == null) {
                    unattributedEnded++;
                }
                add(reading.values(), unshownEnded);
                each.remove();
                excess--;
            }
        }
        if (excess > 0) {
            ended.subList(0, (int) excess).clear();
        }
    }

    private static <T> T required(@Nullable T part) {
        return Objects.requireNonNull(part, "a live container has a slot, a reported one a name");
    }

    private static long unixMillis(long bootNanos) {
        return System.currentTimeMillis()
                - Duration.ofNanos(Kernel.bootNanos() - bootNanos).toMillis();
    }
}
