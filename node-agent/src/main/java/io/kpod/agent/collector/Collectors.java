package io.kpod.agent.collector;

import io.kpod.agent.AgentSettings;
import io.kpod.agent.collector.cpu.CpuCollector;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.KernelSettings;
import io.kpod.libbpf.BpfException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All collectors of this node, and the slots that they count by. What the kernel lacks, or this process may not do,
 * turns collectors off with a reason; it never stops the agent.
 */
public final class Collectors implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("collector");

    private final @Nullable ContainerSlots slots;
    private final List<Collector> all;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private boolean warned;

    private Collectors(@Nullable ContainerSlots slots, List<Collector> all) {
        this.slots = slots;
        this.all = all;
        if (slots != null) {
            opened.push(slots);
        }
        all.forEach(opened::push);
    }

    /** Starts what the settings ask for and the kernel allows; says in the log what is off. */
    public static Collectors start(AgentSettings settings) {
        Collectors started = open(settings);
        for (Collector collector : started.all) {
            switch (collector.state()) {
                case CollectorState.Running(String hook) -> LOG.info("{} runs on {}", collector.name(), hook);
                case CollectorState.Off(String reason) -> LOG.warn("{} is off: {}", collector.name(), reason);
            }
        }
        return started;
    }

    private static Collectors open(AgentSettings settings) {
        AgentSettings.Bpf bpf = settings.bpf();
        if (!bpf.enabled()) {
            return new Collectors(null, List.of(Collector.off(CpuCollector.NAME, "kpod.bpf.enabled is false")));
        }
        if (!bpf.cpuEnabled()) {
            return new Collectors(
                    null, List.of(Collector.off(CpuCollector.NAME, "kpod.collector.cpu.enabled is false")));
        }
        try {
            ContainerSlots slots = ContainerSlots.open(new KernelSettings(
                    bpf.maxContainers(),
                    settings.cgroupRoot(),
                    settings.discovery().mode() == AgentSettings.DiscoveryMode.NONE,
                    bpf.programDirectory()));
            return new Collectors(slots, List.of(CpuCollector.open(slots)));
        } catch (BpfException | IOException e) {
            return new Collectors(null, List.of(Collector.off(CpuCollector.NAME, String.valueOf(e.getMessage()))));
        }
    }

    /** All of them, whether they run or not. */
    public List<Collector> all() {
        return all;
    }

    /** Those that run. */
    public List<Collector> running() {
        return all.stream()
                .filter(collector -> collector.state() instanceof CollectorState.Running)
                .toList();
    }

    /** The slots; null when no kernel program runs. */
    public @Nullable ContainerSlots slots() {
        return slots;
    }

    /** Walks the cgroup tree, to heal what events missed. */
    public void rewalk() {
        if (slots != null) {
            try {
                slots.rewalk();
            } catch (BpfException | IOException e) {
                throw new IllegalStateException("walking the cgroup tree: " + e.getMessage(), e);
            }
        }
    }

    /** Says in the log, once, that there are more containers than slots. */
    public void warnOfOverflow() {
        if (overflowed() > 0 && !warned) {
            warned = true;
            LOG.warn(
                    "more than {} containers: the others are counted together; raise kpod.bpf.max-containers",
                    slotCapacity());
        }
    }

    /** Entries that found no room in a map, by map: of {@code slots}, containers that are counted together. */
    public Map<String, LongSupplier> mapErrors() {
        Map<String, LongSupplier> errors = new TreeMap<>();
        if (slots != null) {
            errors.put("slots", slots::overflowed);
            errors.put("groups", slots::errors);
        }
        all.forEach(collector -> errors.putAll(collector.mapErrors()));
        return errors;
    }

    /** Containers that found no free slot. */
    public long overflowed() {
        return slots == null ? 0 : slots.overflowed();
    }

    /** Slots in use. */
    public int usedSlots() {
        return slots == null ? 0 : slots.used();
    }

    /** Slots there are. */
    public int slotCapacity() {
        return slots == null ? 0 : slots.capacity();
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                LOG.warn("while closing: {}", e.getMessage());
            }
        }
    }
}
