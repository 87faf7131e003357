package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.table.Column;
import java.util.List;

/** What {@code kubectl get workloadkernelmetrics} shows. */
final class WorkloadColumns {
    static final List<Column<WorkloadKernelMetrics>> COLUMNS = columns();

    private WorkloadColumns() {}

    private static List<Column<WorkloadKernelMetrics>> columns() {
        Columns<WorkloadKernelMetrics> columns = new Columns<>(WorkloadKernelMetrics.class);
        return columns.with(List.of(columns.wide("Pods", "pods", WorkloadColumns::pods)));
    }

    private static String pods(Object value) {
        WorkloadKernelMetrics.Pods pods = (WorkloadKernelMetrics.Pods) value;
        return pods.measured() + "/" + pods.all();
    }
}
