package io.kpod.agent.collector;

import io.kpod.agent.AgentSettings;
import io.kpod.agent.collector.cpu.CpuCollector;
import io.kpod.agent.collector.disklatency.DiskLatencyCollector;
import io.kpod.agent.collector.oom.OomFamily;
import io.kpod.agent.collector.pagefaults.PageFaultsFamily;
import io.kpod.agent.collector.syscall.SyscallFamily;
import io.kpod.agent.collector.tcp.TcpFamily;
import io.kpod.agent.kernel.ContainerSlots;
import io.kpod.agent.kernel.Containers;
import io.kpod.agent.kernel.KernelSettings;
import io.kpod.agent.kernel.WalkedContainers;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.KernelBtf;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All collectors of this node, and the slots that they count by. What the kernel lacks, or this process may not do,
 * turns collectors off with a reason; it never stops the agent.
 */
public final class Collectors implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("collector");

    private final @Nullable Containers slots;
    private final List<Collector> kernel;
    private final List<SlowCollector> slow;
    private final List<MapUse> maps;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private boolean warned;

    private Collectors(@Nullable Containers slots, List<Collector> kernel, List<SlowCollector> slow) {
        this.slots = slots;
        this.kernel = kernel;
        this.slow = slow;
        // kept: the meters that read them refer to them weakly
        maps = maps(slots, kernel);
        if (slots != null) {
            opened.push(slots);
        }
        kernel.forEach(opened::push);
        slow.forEach(opened::push);
    }

    /** Whether a collector runs. */
    public record Status(String collector, CollectorState state) {}

    /** Starts what the settings ask for and the kernel allows; says in the log what is off. */
    public static Collectors start(AgentSettings settings) {
        Collectors started = open(settings);
        for (Status status : started.status()) {
            switch (status.state()) {
                case CollectorState.Running(String hook) -> LOG.info("{} runs on {}", status.collector(), hook);
                case CollectorState.Off(String reason) -> LOG.warn("{} is off: {}", status.collector(), reason);
            }
        }
        return started;
    }

    private static Collectors open(AgentSettings settings) {
        Map<String, BiFunction<ContainerSlots, KernelBtf, Collector>> wanted = kernelCollectors(settings);
        List<SlowCollector> slow = slowCollectors(settings);
        KernelSettings kernel = new KernelSettings(
                settings.bpf().maxContainers(),
                settings.cgroupRoot(),
                settings.discovery().mode() == AgentSettings.DiscoveryMode.NONE,
                settings.bpf().programDirectory());
        if (!settings.bpf().enabled()) {
            List<Collector> off = off(wanted, "kpod.bpf.enabled is false");
            fallBack(settings, off, slow);
            return new Collectors(walked(kernel), off, slow);
        }
        try (KernelBtf btf = KernelBtf.load()) {
            ContainerSlots slots = ContainerSlots.open(kernel, btf);
            List<Collector> started = new ArrayList<>();
            wanted.forEach((name, collector) -> started.add(collector.apply(slots, btf)));
            fallBack(settings, started, slow);
            return new Collectors(slots, started, slow);
        } catch (BpfException | IOException e) {
            List<Collector> off = off(wanted, String.valueOf(e.getMessage()));
            fallBack(settings, off, slow);
            return new Collectors(walked(kernel), off, slow);
        }
    }

    /** Major page faults stand in files too; a process without the right to perf events reads those. */
    private static void fallBack(AgentSettings settings, List<Collector> kernel, List<SlowCollector> slow) {
        kernel.removeIf(collector -> {
            if (collector.name().equals(PageFaultsFamily.NAME)
                    && collector.state() instanceof CollectorState.Off(String reason)) {
                slow.add(FileCollectors.pageFaults(settings.cgroupRoot(), reason));
                return true;
            }
            return false;
        });
    }

    /** The containers without kernel programs; null: without cgroup v2 there is no finding them. */
    private static @Nullable Containers walked(KernelSettings settings) {
        try {
            return WalkedContainers.open(settings);
        } catch (IOException e) {
            LOG.warn("no containers are found: {}", e.getMessage());
            return null;
        }
    }

    /** Every kernel family there is, of those that the settings ask for. */
    private static Map<String, BiFunction<ContainerSlots, KernelBtf, Collector>> kernelCollectors(
            AgentSettings settings) {
        Map<String, BiFunction<ContainerSlots, KernelBtf, Collector>> all = new LinkedHashMap<>();
        all.put(CpuCollector.NAME, CpuCollector::open);
        all.put(TcpFamily.NAME, TcpFamily::open);
        all.put(OomFamily.NAME, OomFamily::open);
        all.put(PageFaultsFamily.NAME, PageFaultsFamily::open);
        all.put(DiskLatencyCollector.NAME, DiskLatencyCollector::open);
        all.put(SyscallFamily.NAME, (slots, btf) -> SyscallFamily.open(settings.trackedSyscalls(), slots, btf));
        all.keySet().retainAll(settings.collectors());
        return all;
    }

    /** Every family of files there is, of those that the settings ask for. */
    private static List<SlowCollector> slowCollectors(AgentSettings settings) {
        List<SlowCollector> all = new ArrayList<>(FileCollectors.open(settings.cgroupRoot(), settings.procRoot()));
        all.removeIf(collector -> !settings.collectors().contains(collector.name()));
        return all;
    }

    private static List<Collector> off(
            Map<String, BiFunction<ContainerSlots, KernelBtf, Collector>> wanted, String reason) {
        return new ArrayList<>(wanted.keySet().stream()
                .map(name -> Collector.off(name, reason))
                .toList());
    }

    /** All of them, whether they run or not. */
    public List<Status> status() {
        List<Status> status = new ArrayList<>();
        kernel.forEach(collector -> status.add(new Status(collector.name(), collector.state())));
        slow.forEach(collector -> status.add(new Status(collector.name(), collector.state())));
        return status;
    }

    /** Those that kernel programs count for, and that run. */
    public List<Collector> running() {
        return kernel.stream()
                .filter(collector -> collector.state() instanceof CollectorState.Running)
                .toList();
    }

    /** Those that files tell of, and that run. */
    public List<SlowCollector> slow() {
        return slow.stream()
                .filter(collector -> collector.state() instanceof CollectorState.Running)
                .toList();
    }

    /** The slots; null without cgroup v2. */
    public @Nullable Containers slots() {
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

    /** Whether the kernel wants CAP_BPF as long as containers come and go, not at the start alone. */
    public boolean needBpf() {
        try {
            return slots instanceof ContainerSlots kernelSlots && kernelSlots.needsCapability();
        } catch (BpfException e) {
            LOG.warn("whether CAP_BPF is needed on can't be told, so it is kept: {}", e.getMessage());
            return true;
        }
    }

    /** Says in the log, once, that there are more containers than slots. */
    public void warnOfOverflow() {
        if (overflowed() > 0 && !warned) {
            warned = true;
            LOG.warn(
                    "more than {} containers: the others are counted together; raise kpod.bpf.max-containers",
                    slots == null ? 0 : slots.capacity());
        }
    }

    /** How full the kernel's maps are: the slots', and those of the collectors that run. The same objects at each call. */
    public List<MapUse> maps() {
        return maps;
    }

    private static List<MapUse> maps(@Nullable Containers slots, List<Collector> kernel) {
        List<MapUse> maps = new ArrayList<>();
        if (slots != null) {
            maps.add(new MapUse("slots", slots.capacity(), slots::used, slots::overflowed));
        }
        if (slots instanceof ContainerSlots kernelSlots) {
            maps.add(new MapUse("groups", MapUse.UNBOUNDED, () -> 0, kernelSlots::errors));
        }
        kernel.forEach(collector -> maps.addAll(collector.maps()));
        return List.copyOf(maps);
    }

    /** Containers that found no free slot. */
    public long overflowed() {
        return slots == null ? 0 : slots.overflowed();
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
