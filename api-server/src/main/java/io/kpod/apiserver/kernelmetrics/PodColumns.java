package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.table.Column;
import io.kpod.summary.Metric;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What {@code kubectl get podkernelmetrics} shows. */
final class PodColumns {
    private static final Columns<PodKernelMetrics> MAKER = new Columns<>(PodKernelMetrics.class);
    static final List<Column<PodKernelMetrics>> COLUMNS = columns();
    static final Set<Metric> METRICS = MAKER.metrics();

    private PodColumns() {}

    private static List<Column<PodKernelMetrics>> columns() {
        return MAKER.with(List.of(
                MAKER.wide("Node", "nodeName", String::valueOf),
                MAKER.wide("Workload", "workload", PodColumns::workload)));
    }

    private static String workload(Object value) {
        WorkloadReference workload = (WorkloadReference) value;
        return workload.kind().toLowerCase(Locale.ROOT) + "." + workload.name();
    }
}
