package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.quantity.HumanText;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.table.Column;
import io.kpod.apiserver.table.FieldPath;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What {@code kubectl get podkernelmetrics} shows; every column is a field of {@link PodKernelMetrics}. */
final class PodColumns {
    private static final int NARROW = 0;
    private static final int WIDE = 1;

    /** In the order in which they are shown. */
    static final List<Column<PodKernelMetrics>> COLUMNS = List.of(
            column("Name", "name", NARROW, "metadata.name", String::valueOf),
            column("RunQ-P99", "", NARROW, "total.cpu.runQueueLatency.p99", quantity(HumanText::seconds)),
            column("CtxSw/s", "", NARROW, "total.cpu.contextSwitches.rate", quantity(HumanText::number)),
            column("TX/s", "", NARROW, "total.tcp.bytesSent.rate", quantity(HumanText::bytes)),
            column("RX/s", "", NARROW, "total.tcp.bytesReceived.rate", quantity(HumanText::bytes)),
            column("Retrans/s", "", NARROW, "total.tcp.retransmits.rate", quantity(HumanText::number)),
            column("RTT-P99", "", NARROW, "total.tcp.rtt.p99", quantity(HumanText::seconds)),
            column("MajFlt/s", "", NARROW, "total.memory.majorPageFaults.rate", quantity(HumanText::number)),
            column("OOM", "", NARROW, "total.memory.oomKills.total", String::valueOf),
            new Column<>("Age", "", "Age of the sample.", NARROW, pod -> HumanText.age(pod.age())),
            column("Node", "", WIDE, "nodeName", String::valueOf),
            column("Workload", "", WIDE, "workload", PodColumns::workload),
            column("RunQ-P50", "", WIDE, "total.cpu.runQueueLatency.p50", quantity(HumanText::seconds)),
            column("Throttled", "", WIDE, "total.cpu.throttled.rate", quantity(HumanText::percent)),
            column("CPU-Pressure", "", WIDE, "total.pressure.cpu.some.rate", quantity(HumanText::percent)),
            column("Disk-R/s", "", WIDE, "total.disks", bytesOfDisks(DiskMetrics::readBytes)),
            column("Disk-W/s", "", WIDE, "total.disks", bytesOfDisks(DiskMetrics::writtenBytes)),
            column("Window", "", WIDE, "window", String::valueOf));

    private PodColumns() {}

    private static Column<PodKernelMetrics> column(
            String name, String format, int priority, String path, Function<Object, @Nullable String> text) {
        FieldPath field = FieldPath.of(PodKernelMetrics.class, path);
        return new Column<>(name, format, field.description(), priority, pod -> {
            Object value = field.get(pod);
            return value == null ? null : text.apply(value);
        });
    }

    private static Function<Object, @Nullable String> quantity(Function<Quantity, String> text) {
        return value -> text.apply((Quantity) value);
    }

    /** Bytes per second of all devices; absent if no device has a rate. */
    private static Function<Object, @Nullable String> bytesOfDisks(
            Function<DiskMetrics, @Nullable CounterSummary> counter) {
        return disks -> ((List<?>) disks)
                .stream()
                        .map(disk -> counter.apply((DiskMetrics) disk))
                        .filter(summary -> summary != null && summary.rate() != null)
                        .map(summary -> Objects.requireNonNull(
                                        Objects.requireNonNull(summary).rate())
                                .value())
                        .reduce(BigDecimal::add)
                        .map(sum -> HumanText.bytes(new Quantity(sum)))
                        .orElse(null);
    }

    private static String workload(Object value) {
        PodKernelMetrics.Workload workload = (PodKernelMetrics.Workload) value;
        return workload.kind().toLowerCase(Locale.ROOT) + "." + workload.name();
    }
}
