package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.discovery.GroupDeclaration;
import io.kpod.apiserver.discovery.GroupDeclaration.Resource;
import java.util.List;
import java.util.Locale;

/** The group kernelmetrics.kpod.io as discovery shows it. */
public final class KernelMetrics {
    /** The group. */
    public static final String GROUP = KernelMetricsResource.GROUP;

    static final String API_VERSION = GROUP + "/" + KernelMetricsResource.VERSION;

    private KernelMetrics() {}

    /** What discovery says of the group. */
    public static GroupDeclaration declaration() {
        return new GroupDeclaration(
                GROUP,
                List.of(new GroupDeclaration.Version(
                        KernelMetricsResource.VERSION,
                        List.of(
                                resource(PodsResource.RESOURCE, true, PodKernelMetrics.KIND, "pkm"),
                                resource(NodesResource.RESOURCE, false, NodeKernelMetrics.KIND, "nkm")))));
    }

    private static Resource resource(String plural, boolean namespaced, String kind, String shortName) {
        return new Resource(
                plural, kind.toLowerCase(Locale.ROOT), namespaced, kind, List.of("get", "list"), List.of(shortName));
    }
}
