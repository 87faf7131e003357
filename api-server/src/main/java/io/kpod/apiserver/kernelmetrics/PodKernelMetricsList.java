package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.table.ListMeta;
import java.util.List;

/** A list of {@link PodKernelMetrics}. */
public record PodKernelMetricsList(String kind, String apiVersion, ListMeta metadata, List<PodKernelMetrics> items) {
    static PodKernelMetricsList of(ListMeta metadata, List<PodKernelMetrics> items) {
        return new PodKernelMetricsList(PodKernelMetrics.KIND + "List", KernelMetrics.API_VERSION, metadata, items);
    }
}
