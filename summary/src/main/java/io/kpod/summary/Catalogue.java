package io.kpod.summary;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Every metric, once. Exposition, summaries, API objects, custom metrics and documentation derive from here. */
public final class Catalogue {
    public static final Metric CPU_RUNQUEUE_LATENCY = new Metric(
            1,
            "kpod.cpu.runqueue.latency",
            MetricType.DISTRIBUTION,
            Unit.SECONDS,
            null,
            List.of(),
            "cpu",
            "How long the container's tasks waited on a run queue before they got a CPU.",
            "tp_btf/sched_switch, growth of task_struct.sched_info.run_delay");

    public static final Metric CPU_CONTEXT_SWITCHES = new Metric(
            2,
            "kpod.cpu.context.switches",
            MetricType.COUNTER,
            Unit.NONE,
            null,
            List.of(),
            "cpu",
            "How often one of the container's tasks was switched out, of its own will or not.",
            "tp_btf/sched_switch, the previous task");

    /** Values of the label {@code by} are in the order in which the kernel program's counters stand. */
    public static final Metric CPU_PREEMPTIONS = new Metric(
            3,
            "kpod.cpu.preemptions",
            MetricType.COUNTER,
            Unit.NONE,
            "by",
            List.of("self", "container", "host"),
            "cpu",
            "How often one of the container's tasks lost the CPU while it still wanted to run, by who took it: "
                    + "the container itself, another container, or a task of the host.",
            "tp_btf/sched_switch with the previous task still runnable, the next task's cgroup");

    /** All metrics in the order of the documentation. */
    public static final List<Metric> METRICS = List.of(CPU_RUNQUEUE_LATENCY, CPU_CONTEXT_SWITCHES, CPU_PREEMPTIONS);

    private static final Map<Integer, Metric> BY_WIRE_NUMBER =
            METRICS.stream().collect(toUnmodifiableMap(Metric::wireNumber, identity()));

    /** All names that custom.metrics.k8s.io serves, in the order of the catalogue. */
    public static final List<ServedMetric> SERVED_METRICS =
            METRICS.stream().flatMap(metric -> ServedMetric.of(metric).stream()).toList();

    private static final Map<String, ServedMetric> SERVED_BY_NAME =
            SERVED_METRICS.stream().collect(toUnmodifiableMap(ServedMetric::name, identity()));

    private Catalogue() {}

    /** The metric that a summary calls {@code wireNumber}; empty for one of a newer agent. */
    public static Optional<Metric> byWireNumber(int wireNumber) {
        return Optional.ofNullable(BY_WIRE_NUMBER.get(wireNumber));
    }

    /** The metric that custom.metrics.k8s.io serves under {@code name}. */
    public static Optional<ServedMetric> served(String name) {
        return Optional.ofNullable(SERVED_BY_NAME.get(name));
    }

    /** The metrics of one collector, in the order of the catalogue. */
    public static List<Metric> ofCollector(String collector) {
        return METRICS.stream()
                .filter(metric -> metric.collector().equals(collector))
                .toList();
    }
}
