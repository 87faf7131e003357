package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.table.Column;
import io.kpod.summary.Metric;
import java.util.List;
import java.util.Set;

/** What {@code kubectl get nodekernelmetrics} shows. */
final class NodeColumns {
    private static final Columns<NodeKernelMetrics> MAKER = new Columns<>(NodeKernelMetrics.class);
    static final List<Column<NodeKernelMetrics>> COLUMNS = MAKER.with(List.of());
    static final Set<Metric> METRICS = MAKER.metrics();

    private NodeColumns() {}
}
