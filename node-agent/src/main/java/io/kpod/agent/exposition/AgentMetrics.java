package io.kpod.agent.exposition;

import com.sun.management.ThreadMXBean;
import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.Collectors;
import io.kpod.agent.collector.MapUse;
import io.kpod.agent.container.ContainerDirectory;
import io.kpod.agent.poll.SlowSources;
import io.kpod.agent.snapshot.NodeReadings;
import io.kpod.libbpf.BpfException;
import io.kpod.libbpf.BpfProgram;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The agent's own state, beside what it measures: collectors, slots, its own cost. */
public final class AgentMetrics {
    private static final double NANOS_PER_SECOND = 1e9;

    private AgentMetrics() {}

    /** Registers all of it. */
    public static void register(
            MeterRegistry meters,
            Collectors collectors,
            NodeReadings readings,
            SlowSources slowSources,
            ContainerDirectory directory) {
        collectors.status().forEach(status -> state(meters, status));
        collectors.maps().forEach(map -> use(meters, collectors, map));
        collectors.running().forEach(collector -> collector.programs().forEach(program -> cost(meters, program)));
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
        FunctionTimer.builder(
                        "kpod.agent.poll",
                        slowSources,
                        SlowSources::polls,
                        SlowSources::pollNanos,
                        TimeUnit.NANOSECONDS)
                .description("Rounds of reading cgroup files, /proc and file systems, and the time they took.")
                .register(meters);
        Gauge.builder("kpod.agent.resident.memory", AgentMetrics::residentBytes)
                .baseUnit("bytes")
                .description("Memory of the agent that is resident.")
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

    private static void state(MeterRegistry meters, Collectors.Status status) {
        boolean running = status.state() instanceof CollectorState.Running;
        String reason = switch (status.state()) {
            case CollectorState.Running(String hook) -> hook;
            case CollectorState.Off(String why) -> why;
        };
        Gauge.builder("kpod.collector.state", () -> running ? 1 : 0)
                .tag("collector", status.collector())
                .tag("state", running ? "running" : "off")
                .tag("reason", reason)
                .description(
                        "1: the collector runs, on the kernel hook that the reason names; 0: it is off, for that reason.")
                .register(meters);
    }

    /** A meter keeps its object weakly, so that is the collectors: they live as long as the agent. */
    private static void use(MeterRegistry meters, Collectors collectors, MapUse use) {
        if (use.capacity() != MapUse.UNBOUNDED) {
            Gauge.builder(
                            "kpod.bpf.map.entries",
                            collectors,
                            any -> use.entries().getAsLong())
                    .tag("map", use.map())
                    .description("Entries in use.")
                    .register(meters);
            Gauge.builder("kpod.bpf.map.capacity", collectors, any -> use.capacity())
                    .tag("map", use.map())
                    .description("Entries there is room for.")
                    .register(meters);
        }
        FunctionCounter.builder(
                        "kpod.bpf.map.update.errors",
                        collectors,
                        any -> use.errors().getAsLong())
                .tag("map", use.map())
                .description("Entries that found no room; of the map slots: containers that are counted together.")
                .register(meters);
    }

    private static void cost(MeterRegistry meters, BpfProgram program) {
        FunctionCounter.builder(
                        "kpod.agent.bpf.runs", program, one -> statistics(one).runs())
                .tag("program", program.name())
                .description("Runs of a kernel program; counted only while kernel.bpf_stats_enabled is on.")
                .register(meters);
        FunctionCounter.builder(
                        "kpod.agent.bpf.run.time",
                        program,
                        one -> statistics(one).runNanos() / NANOS_PER_SECOND)
                .tag("program", program.name())
                .baseUnit("seconds")
                .description("Time that a kernel program ran; counted only while kernel.bpf_stats_enabled is on.")
                .register(meters);
    }

    private static BpfProgram.Statistics statistics(BpfProgram program) {
        try {
            return program.statistics();
        } catch (BpfException e) {
            return new BpfProgram.Statistics(0, 0);
        }
    }

    private static double residentBytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    private static double cpuSeconds() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(time -> time.toNanos() / NANOS_PER_SECOND)
                .orElse(0.0);
    }
}
