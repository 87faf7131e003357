package io.kpod.agent.exposition;

import com.sun.management.ThreadMXBean;
import io.kpod.agent.collector.Collector;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.Collectors;
import io.kpod.agent.container.ContainerDirectory;
import io.kpod.agent.snapshot.NodeReadings;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The agent's own state, beside what it measures: collectors, slots, its own cost. */
public final class AgentMetrics {
    private static final double NANOS_PER_SECOND = 1e9;

    private AgentMetrics() {}

    /** Registers all of it. */
    public static void register(
            MeterRegistry meters, Collectors collectors, NodeReadings readings, ContainerDirectory directory) {
        for (Collector collector : collectors.all()) {
            state(meters, collector);
        }
        Gauge.builder("kpod.bpf.map.entries", collectors, Collectors::usedSlots)
                .tag("map", "slots")
                .description("Entries in use.")
                .register(meters);
        Gauge.builder("kpod.bpf.map.capacity", collectors, Collectors::slotCapacity)
                .tag("map", "slots")
                .description("Entries there is room for.")
                .register(meters);
        collectors
                .mapErrors()
                .forEach((map, errors) -> FunctionCounter.builder(
                                "kpod.bpf.map.update.errors", errors, LongSupplier::getAsLong)
                        .tag("map", map)
                        .description(
                                "Entries that found no room; of the map slots: containers that are counted together.")
                        .register(meters));
        Gauge.builder(
                        "kpod.discovery.up",
                        directory,
                        known -> known.synced() && known.trouble().isEmpty() ? 1 : 0)
                .description(
                        "1: new containers get their names; 0: the Kubernetes API does not answer, the known ones go on.")
                .register(meters);
        FunctionCounter.builder("kpod.agent.containers.unattributed", readings, NodeReadings::unattributedEnded)
                .description(
                        "Containers that ended before anybody said whose they were; pods' sandboxes are among them.")
                .register(meters);
        FunctionTimer.builder(
                        "kpod.agent.cycle",
                        readings,
                        NodeReadings::cycles,
                        NodeReadings::cycleNanos,
                        TimeUnit.NANOSECONDS)
                .description("Readings of all containers, and the time they took.")
                .register(meters);
        if (ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads) {
            FunctionCounter.builder("kpod.agent.allocated", threads, ThreadMXBean::getTotalThreadAllocatedBytes)
                    .baseUnit("bytes")
                    .description("Bytes that the agent has allocated on its heap.")
                    .register(meters);
        }
        FunctionCounter.builder("kpod.agent.cpu", AgentMetrics.class, type -> cpuSeconds())
                .baseUnit("seconds")
                .description("CPU time that the agent itself has used.")
                .register(meters);
    }

    private static void state(MeterRegistry meters, Collector collector) {
        boolean running = collector.state() instanceof CollectorState.Running;
        String reason = switch (collector.state()) {
            case CollectorState.Running(String hook) -> hook;
            case CollectorState.Off(String why) -> why;
        };
        Gauge.builder("kpod.collector.state", () -> running ? 1 : 0)
                .tag("collector", collector.name())
                .tag("state", running ? "running" : "off")
                .tag("reason", reason)
                .description(
                        "1: the collector runs, on the kernel hook that the reason names; 0: it is off, for that reason.")
                .register(meters);
    }

    private static double cpuSeconds() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(time -> time.toNanos() / NANOS_PER_SECOND)
                .orElse(0.0);
    }
}
