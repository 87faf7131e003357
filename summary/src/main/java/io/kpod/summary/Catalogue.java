package io.kpod.summary;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Every metric, once. Exposition, summaries, API objects, custom metrics and documentation derive from here. */
public final class Catalogue {
    /** The collectors that read files every {@code kpod.poll-interval}; the others count in the kernel. */
    public static final Set<String> POLLED_COLLECTORS = Set.of("disk", "iface", "filesystem", "cgroup");

    public static final Metric CPU_RUNQUEUE_LATENCY = Metric.distribution(1, "kpod.cpu.runqueue.latency")
            .fields("latency")
            .collector("cpu")
            .of(
                    "How long the container's tasks waited on a run queue before they got a CPU.",
                    "tp_btf/sched_switch, growth of task_struct.sched_info.run_delay");

    /** Has no member of its own: the samples of the latency and the switches without one. */
    public static final Metric CPU_CONTEXT_SWITCHES = Metric.counter(2, "kpod.cpu.context.switches")
            .collector("cpu")
            .of(
                    "How often one of the container's tasks was switched out, of its own will or not.",
                    "tp_btf/sched_switch, the previous task");

    public static final Metric CPU_PREEMPTIONS = Metric.counter(3, "kpod.cpu.preemptions")
            .labels("by")
            .values("self", "container", "host")
            .fields("preempted_by_self", "preempted_by_container", "preempted_by_host")
            .collector("cpu")
            .of(
                    "How often one of the container's tasks lost the CPU while it still wanted to run, by who took it: the container itself, another container, or a task of the host.",
                    "tp_btf/sched_switch with the previous task still runnable, the next task's cgroup");

    /**
     * Not a metric of its own on any surface: the heaviest few of those that make up {@link #CPU_PREEMPTIONS} by
     * container and host, for the subresource {@code pods/preemptors}. Their labels are the namespace, pod and container that
     * took the CPU; of a service of the host its name alone, as the container.
     */
    public static final Metric CPU_PREEMPTORS = Metric.counter(45, "kpod.cpu.preemptors")
            .labels("namespace", "pod", "container")
            .collector("cpu")
            .of(
                    "How often one of the container's tasks lost the CPU while it still wanted to run, by whose task took it.",
                    "tp_btf/sched_switch with the previous task still runnable, the next task's cgroup");

    public static final Metric TCP_BYTES_SENT = Metric.counter(4, "kpod.net.tcp.bytes.sent")
            .unit(Unit.BYTES)
            .fields("bytes_sent")
            .collector("tcp")
            .of(
                    "Bytes that the container's programs gave to their TCP sockets.",
                    "tp_btf/sock_send_length, or what replaces it; the socket's cgroup");

    public static final Metric TCP_BYTES_RECEIVED = Metric.counter(5, "kpod.net.tcp.bytes.received")
            .unit(Unit.BYTES)
            .fields("bytes_received")
            .collector("tcp")
            .of(
                    "Bytes that the container's programs took from their TCP sockets.",
                    "tp_btf/tcp_rcv_space_adjust, growth of tcp_sock.copied_seq; the socket's cgroup");

    public static final Metric TCP_RETRANSMITS = Metric.counter(6, "kpod.net.tcp.retransmits")
            .fields("retransmits")
            .collector("tcp")
            .of(
                    "TCP segments that were sent again.",
                    "tp_btf/tcp_retransmit_skb and tcp_retransmit_synack; the socket's cgroup");

    public static final Metric TCP_CONNECTIONS = Metric.counter(7, "kpod.net.tcp.connections")
            .fields("connections")
            .collector("tcp")
            .of(
                    "TCP connections that were established, opened or accepted.",
                    "tp_btf/inet_sock_set_state to TCP_ESTABLISHED; the socket's cgroup");

    public static final Metric TCP_RTT = Metric.distribution(8, "kpod.net.tcp.rtt")
            .fields("rtt")
            .collector("tcp")
            .of(
                    "Smoothed round-trip time of the container's TCP connections: of each at its start, and then at most once a timer tick as data is acknowledged.",
                    "sockops BPF_SOCK_OPS_RTT_CB, or tp_btf/tcp_probe; the socket's cgroup");

    public static final Metric TCP_LISTEN_DROPS = Metric.counter(9, "kpod.net.tcp.listen.drops")
            .fields("listen_drops")
            .collector("tcp")
            .of(
                    "Connections that were dropped because the accept queue of the container's listening socket was full.",
                    "fentry/tcp_conn_request, or the listening socket's sk_drops; its cgroup");

    public static final Metric TCP_CONNECT_LATENCY = Metric.distribution(10, "kpod.net.tcp.connect.latency")
            .fields("connect_latency")
            .collector("tcp")
            .of(
                    "Time from a connect to the established connection.",
                    "tp_btf/inet_sock_set_state, SYN_SENT to ESTABLISHED; the socket's cgroup");

    public static final Metric MEM_OOM_KILLS = Metric.counter(11, "kpod.mem.oom.kills")
            .fields("kills")
            .collector("oom")
            .of("Processes of the container that the OOM killer killed.", "tp_btf/mark_victim; the victim's cgroup");

    public static final Metric MEM_MAJOR_PAGE_FAULTS = Metric.counter(12, "kpod.mem.major.page.faults")
            .fields("major")
            .collector("page-faults")
            .of(
                    "Page faults that had to wait for a disk.",
                    "perf software event PERF_COUNT_SW_PAGE_FAULTS_MAJ; current's cgroup");

    public static final Metric SYSCALL_COUNT = Metric.counter(13, "kpod.syscall.count")
            .labels("syscall")
            .fields("count")
            .collector("syscall")
            .of(
                    "System calls that returned, of those that are tracked.",
                    "tp_btf/sys_enter and sys_exit; current's cgroup");

    public static final Metric SYSCALL_ERRORS = Metric.counter(14, "kpod.syscall.errors")
            .labels("syscall")
            .fields("errors")
            .collector("syscall")
            .of(
                    "System calls that returned an error, of those that are tracked.",
                    "tp_btf/sys_exit with a negative result; current's cgroup");

    public static final Metric SYSCALL_LATENCY = Metric.distribution(15, "kpod.syscall.latency")
            .labels("syscall")
            .fields("latency")
            .collector("syscall")
            .of(
                    "Time from the entry of a tracked system call to its return.",
                    "tp_btf/sys_enter and sys_exit; current's cgroup");

    public static final Metric DISK_READ_BYTES = Metric.counter(16, "kpod.disk.read.bytes")
            .unit(Unit.BYTES)
            .labels("device")
            .collector("disk")
            .of(
                    "Bytes read from the device.",
                    "io.stat of cgroup v2, or blkio.throttle.io_service_bytes and io_serviced of v1");

    public static final Metric DISK_WRITTEN_BYTES = Metric.counter(17, "kpod.disk.written.bytes")
            .unit(Unit.BYTES)
            .labels("device")
            .collector("disk")
            .of(
                    "Bytes written to the device.",
                    "io.stat of cgroup v2, or blkio.throttle.io_service_bytes and io_serviced of v1");

    public static final Metric DISK_READS = Metric.counter(18, "kpod.disk.reads")
            .labels("device")
            .collector("disk")
            .of(
                    "Read requests to the device.",
                    "io.stat of cgroup v2, or blkio.throttle.io_service_bytes and io_serviced of v1");

    public static final Metric DISK_WRITES = Metric.counter(19, "kpod.disk.writes")
            .labels("device")
            .collector("disk")
            .of(
                    "Write requests to the device.",
                    "io.stat of cgroup v2, or blkio.throttle.io_service_bytes and io_serviced of v1");

    public static final Metric NET_IFACE_RX_BYTES = Metric.counter(20, "kpod.net.iface.rx.bytes")
            .unit(Unit.BYTES)
            .labels("interface")
            .collector("iface")
            .of("Bytes received by the interface.", "/proc/PID/net/dev of the pod's network namespace");

    public static final Metric NET_IFACE_RX_PACKETS = Metric.counter(21, "kpod.net.iface.rx.packets")
            .labels("interface")
            .collector("iface")
            .of("Packets received by the interface.", "/proc/PID/net/dev of the pod's network namespace");

    public static final Metric NET_IFACE_RX_ERRORS = Metric.counter(22, "kpod.net.iface.rx.errors")
            .labels("interface")
            .collector("iface")
            .of(
                    "Packets that the interface could not have received for an error.",
                    "/proc/PID/net/dev of the pod's network namespace");

    public static final Metric NET_IFACE_RX_DROPS = Metric.counter(23, "kpod.net.iface.rx.drops")
            .labels("interface")
            .collector("iface")
            .of(
                    "Packets dropped by the interface that were to be received.",
                    "/proc/PID/net/dev of the pod's network namespace");

    public static final Metric NET_IFACE_TX_BYTES = Metric.counter(24, "kpod.net.iface.tx.bytes")
            .unit(Unit.BYTES)
            .labels("interface")
            .collector("iface")
            .of("Bytes sent by the interface.", "/proc/PID/net/dev of the pod's network namespace");

    public static final Metric NET_IFACE_TX_PACKETS = Metric.counter(25, "kpod.net.iface.tx.packets")
            .labels("interface")
            .collector("iface")
            .of("Packets sent by the interface.", "/proc/PID/net/dev of the pod's network namespace");

    public static final Metric NET_IFACE_TX_ERRORS = Metric.counter(26, "kpod.net.iface.tx.errors")
            .labels("interface")
            .collector("iface")
            .of(
                    "Packets that the interface could not have sent for an error.",
                    "/proc/PID/net/dev of the pod's network namespace");

    public static final Metric NET_IFACE_TX_DROPS = Metric.counter(27, "kpod.net.iface.tx.drops")
            .labels("interface")
            .collector("iface")
            .of(
                    "Packets dropped by the interface that were to be sent.",
                    "/proc/PID/net/dev of the pod's network namespace");

    public static final Metric FS_CAPACITY_BYTES = Metric.gauge(28, "kpod.fs.capacity.bytes")
            .unit(Unit.BYTES)
            .labels("mountpoint")
            .collector("filesystem")
            .of("Size of the volume.", "statfs(2) of the mounted volume");

    public static final Metric FS_USAGE_BYTES = Metric.gauge(29, "kpod.fs.usage.bytes")
            .unit(Unit.BYTES)
            .labels("mountpoint")
            .collector("filesystem")
            .of("Space used on the volume.", "statfs(2) of the mounted volume");

    public static final Metric FS_AVAILABLE_BYTES = Metric.gauge(30, "kpod.fs.available.bytes")
            .unit(Unit.BYTES)
            .labels("mountpoint")
            .collector("filesystem")
            .of("Space that is left on the volume to a program without privileges.", "statfs(2) of the mounted volume");

    public static final Metric CPU_USAGE = Metric.counter(31, "kpod.cpu.usage")
            .unit(Unit.SECONDS)
            .collector("cgroup")
            .of("CPU time that the container used.", "cpu.stat usage_usec of cgroup v2, or cpuacct.usage of v1");

    public static final Metric CPU_PERIODS = Metric.counter(32, "kpod.cpu.periods")
            .collector("cgroup")
            .of("Periods of its CPU quota in which the container wanted to run.", "cpu.stat nr_periods");

    public static final Metric CPU_THROTTLED_PERIODS = Metric.counter(33, "kpod.cpu.throttled.periods")
            .collector("cgroup")
            .of("Periods in which the container had used up its CPU quota.", "cpu.stat nr_throttled");

    public static final Metric CPU_THROTTLED_TIME = Metric.counter(34, "kpod.cpu.throttled.time")
            .unit(Unit.SECONDS)
            .collector("cgroup")
            .of(
                    "Time for which the container's CPU quota kept it from running.",
                    "cpu.stat throttled_usec of cgroup v2, or throttled_time of v1");

    public static final Metric PRESSURE_CPU_SOME = Metric.counter(35, "kpod.pressure.cpu.some")
            .unit(Unit.SECONDS)
            .collector("cgroup")
            .of(
                    "Time in which at least one task of the container waited for a CPU.",
                    "cpu.pressure, the total of some");

    public static final Metric PRESSURE_CPU_FULL = Metric.counter(36, "kpod.pressure.cpu.full")
            .unit(Unit.SECONDS)
            .collector("cgroup")
            .of("Time in which all tasks of the container waited for a CPU.", "cpu.pressure, the total of full");

    public static final Metric PRESSURE_MEMORY_SOME = Metric.counter(37, "kpod.pressure.memory.some")
            .unit(Unit.SECONDS)
            .collector("cgroup")
            .of(
                    "Time in which at least one task of the container waited for memory.",
                    "memory.pressure, the total of some");

    public static final Metric PRESSURE_MEMORY_FULL = Metric.counter(38, "kpod.pressure.memory.full")
            .unit(Unit.SECONDS)
            .collector("cgroup")
            .of("Time in which all tasks of the container waited for memory.", "memory.pressure, the total of full");

    public static final Metric PRESSURE_IO_SOME = Metric.counter(39, "kpod.pressure.io.some")
            .unit(Unit.SECONDS)
            .collector("cgroup")
            .of(
                    "Time in which at least one task of the container waited for a disk.",
                    "io.pressure, the total of some");

    public static final Metric PRESSURE_IO_FULL = Metric.counter(40, "kpod.pressure.io.full")
            .unit(Unit.SECONDS)
            .collector("cgroup")
            .of("Time in which all tasks of the container waited for a disk.", "io.pressure, the total of full");

    public static final Metric MEM_WORKING_SET_BYTES = Metric.gauge(41, "kpod.mem.working.set.bytes")
            .unit(Unit.BYTES)
            .collector("cgroup")
            .of(
                    "Memory of the container that can't be reclaimed easily: all but the inactive page cache.",
                    "memory.current less inactive_file of memory.stat, or their equals of v1");

    public static final Metric MEM_RSS_BYTES = Metric.gauge(42, "kpod.mem.rss.bytes")
            .unit(Unit.BYTES)
            .collector("cgroup")
            .of("Anonymous memory of the container.", "memory.stat anon of cgroup v2, or total_rss of v1");

    public static final Metric MEM_LIMIT_BYTES = Metric.gauge(43, "kpod.mem.limit.bytes")
            .unit(Unit.BYTES)
            .collector("cgroup")
            .of(
                    "Memory that the container may use at most; absent without a limit.",
                    "memory.max of cgroup v2, or memory.limit_in_bytes of v1");

    public static final Metric DISK_IO_LATENCY = Metric.distribution(44, "kpod.disk.io.latency")
            .labels("device", "operation")
            .collector("disk-latency")
            .of(
                    "Time from a request's issue to the device until its completion.",
                    "tp_btf/block_rq_complete, since request.io_start_time_ns; the cgroup of the bio");

    /** All metrics in the order of the documentation. */
    public static final List<Metric> METRICS = List.of(
            CPU_RUNQUEUE_LATENCY,
            CPU_CONTEXT_SWITCHES,
            CPU_PREEMPTIONS,
            TCP_BYTES_SENT,
            TCP_BYTES_RECEIVED,
            TCP_RETRANSMITS,
            TCP_CONNECTIONS,
            TCP_RTT,
            TCP_LISTEN_DROPS,
            TCP_CONNECT_LATENCY,
            MEM_OOM_KILLS,
            MEM_MAJOR_PAGE_FAULTS,
            SYSCALL_COUNT,
            SYSCALL_ERRORS,
            SYSCALL_LATENCY,
            DISK_READ_BYTES,
            DISK_WRITTEN_BYTES,
            DISK_READS,
            DISK_WRITES,
            NET_IFACE_RX_BYTES,
            NET_IFACE_RX_PACKETS,
            NET_IFACE_RX_ERRORS,
            NET_IFACE_RX_DROPS,
            NET_IFACE_TX_BYTES,
            NET_IFACE_TX_PACKETS,
            NET_IFACE_TX_ERRORS,
            NET_IFACE_TX_DROPS,
            FS_CAPACITY_BYTES,
            FS_USAGE_BYTES,
            FS_AVAILABLE_BYTES,
            CPU_USAGE,
            CPU_PERIODS,
            CPU_THROTTLED_PERIODS,
            CPU_THROTTLED_TIME,
            PRESSURE_CPU_SOME,
            PRESSURE_CPU_FULL,
            PRESSURE_MEMORY_SOME,
            PRESSURE_MEMORY_FULL,
            PRESSURE_IO_SOME,
            PRESSURE_IO_FULL,
            MEM_WORKING_SET_BYTES,
            MEM_RSS_BYTES,
            MEM_LIMIT_BYTES,
            DISK_IO_LATENCY);

    /** All that a summary may tell of. */
    public static final List<Metric> TOLD =
            Stream.concat(METRICS.stream(), Stream.of(CPU_PREEMPTORS)).toList();

    private static final Map<Integer, Metric> BY_WIRE_NUMBER =
            TOLD.stream().collect(toUnmodifiableMap(Metric::wireNumber, identity()));

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
