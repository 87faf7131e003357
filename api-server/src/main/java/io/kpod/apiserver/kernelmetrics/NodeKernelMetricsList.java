package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.table.ListMeta;
import java.util.List;

/** A list of {@link NodeKernelMetrics}. */
public record NodeKernelMetricsList(String kind, String apiVersion, ListMeta metadata, List<NodeKernelMetrics> items) {
    static NodeKernelMetricsList of(ListMeta metadata, List<NodeKernelMetrics> items) {
        return new NodeKernelMetricsList(NodeKernelMetrics.KIND + "List", KernelMetrics.API_VERSION, metadata, items);
    }
}
