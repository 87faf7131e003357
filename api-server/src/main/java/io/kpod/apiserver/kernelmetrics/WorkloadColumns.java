package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.table.Column;
import io.kpod.summary.Metric;
import java.util.List;
import java.util.Set;

/** What {@code kubectl get workloadkernelmetrics} shows. */
final class WorkloadColumns {
    private static final Columns<WorkloadKernelMetrics> MAKER = new Columns<>(WorkloadKernelMetrics.class);
    static final List<Column<WorkloadKernelMetrics>> COLUMNS = columns();
    static final Set<Metric> METRICS = MAKER.metrics();

    private WorkloadColumns() {}

    private static List<Column<WorkloadKernelMetrics>> columns() {
        return MAKER.with(List.of(MAKER.wide("Pods", "pods", WorkloadColumns::pods)));
    }

    private static String pods(Object value) {
        WorkloadKernelMetrics.Pods pods = (WorkloadKernelMetrics.Pods) value;
        return pods.measured() + "/" + pods.all();
    }
}
