package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.quantity.HumanText;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.table.Column;
import io.kpod.apiserver.table.FieldPath;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** What {@code kubectl get podkernelmetrics} shows; every column is a field of {@link PodKernelMetrics}. */
final class PodColumns {
    private static final int NARROW = 0;
    private static final int WIDE = 1;

    /** In the order in which they are shown. */
    static final List<Column<PodKernelMetrics>> COLUMNS = List.of(
            column("Name", "name", NARROW, "metadata.name", String::valueOf),
            column("RunQ-P99", "", NARROW, "total.cpu.runQueueLatency.p99", seconds()),
            column("CtxSw/s", "", NARROW, "total.cpu.contextSwitches.rate", number()),
            new Column<>("Age", "", "Age of the sample.", NARROW, pod -> HumanText.age(pod.age())),
            column("Node", "", WIDE, "nodeName", String::valueOf),
            column("Workload", "", WIDE, "workload", PodColumns::workload),
            column("RunQ-P50", "", WIDE, "total.cpu.runQueueLatency.p50", seconds()),
            column("Preempted-Self/s", "", WIDE, "total.cpu.preemptions.self.rate", number()),
            column("Preempted-Container/s", "", WIDE, "total.cpu.preemptions.container.rate", number()),
            column("Preempted-Host/s", "", WIDE, "total.cpu.preemptions.host.rate", number()),
            column("Window", "", WIDE, "window", String::valueOf));

    private PodColumns() {}

    private static Column<PodKernelMetrics> column(
            String name, String format, int priority, String path, Function<Object, String> text) {
        FieldPath field = FieldPath.of(PodKernelMetrics.class, path);
        return new Column<>(name, format, field.description(), priority, pod -> {
            Object value = field.get(pod);
            return value == null ? null : text.apply(value);
        });
    }

    private static Function<Object, String> seconds() {
        return value -> HumanText.seconds((Quantity) value);
    }

    private static Function<Object, String> number() {
        return value -> HumanText.number((Quantity) value);
    }

    private static String workload(Object value) {
        PodKernelMetrics.Workload workload = (PodKernelMetrics.Workload) value;
        return workload.kind().toLowerCase(Locale.ROOT) + "." + workload.name();
    }
}
