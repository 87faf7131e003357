package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.table.Column;
import java.util.List;

/** What {@code kubectl get nodekernelmetrics} shows. */
final class NodeColumns {
    static final List<Column<NodeKernelMetrics>> COLUMNS = new Columns<>(NodeKernelMetrics.class).with(List.of());

    private NodeColumns() {}
}
