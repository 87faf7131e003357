package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.table.Column;
import java.util.List;
import java.util.Locale;

/** What {@code kubectl get podkernelmetrics} shows. */
final class PodColumns {
    static final List<Column<PodKernelMetrics>> COLUMNS = columns();

    private PodColumns() {}

    private static List<Column<PodKernelMetrics>> columns() {
        Columns<PodKernelMetrics> columns = new Columns<>(PodKernelMetrics.class);
        return columns.with(List.of(
                columns.wide("Node", "nodeName", String::valueOf),
                columns.wide("Workload", "workload", PodColumns::workload)));
    }

    private static String workload(Object value) {
        WorkloadReference workload = (WorkloadReference) value;
        return workload.kind().toLowerCase(Locale.ROOT) + "." + workload.name();
    }
}
