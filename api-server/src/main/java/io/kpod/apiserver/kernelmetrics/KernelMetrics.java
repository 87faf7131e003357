package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.authz.RequestInfo;
import io.kpod.apiserver.discovery.GroupDeclaration;
import io.kpod.apiserver.discovery.GroupDeclaration.Resource;
import io.kpod.apiserver.openapi.DescribedResource;
import io.kpod.apiserver.openapi.GroupVersionKind;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The group kernelmetrics.kpod.io as discovery shows it. */
public final class KernelMetrics {
    /** The group. */
    public static final String GROUP = KernelMetricsResource.GROUP;

    static final String API_VERSION = GROUP + "/" + KernelMetricsResource.VERSION;

    /** What {@code kubectl get} takes for all of them. */
    private static final String CATEGORY = "kpod";

    /** All resources. */
    static final List<ResourceType<? extends Record>> TYPES =
            List.of(PodsResource.TYPE, WorkloadsResource.TYPE, NodesResource.TYPE);

    private static final Resource PREEMPTORS = new Resource(
            PodsResource.TYPE.resource() + "/" + PreemptorsResource.NAME,
            "",
            true,
            PodPreemptors.KIND,
            List.of("get"),
            List.of(),
            List.of());

    private KernelMetrics() {}

    /** What a user has to be allowed to do to hear the names of a namespace's pods. */
    public static RequestInfo gettingPodsOf(String namespace) {
        return RequestInfo.get(GROUP, KernelMetricsResource.VERSION, namespace, PodsResource.TYPE.resource());
    }

    /** What discovery says of the group. */
    public static GroupDeclaration declaration() {
        return new GroupDeclaration(
                GROUP,
                List.of(new GroupDeclaration.Version(
                        KernelMetricsResource.VERSION,
                        Stream.concat(TYPES.stream().map(KernelMetrics::resource), Stream.of(PREEMPTORS))
                                .toList())));
    }

    /** What the OpenAPI documents say of the group. */
    public static List<DescribedResource> described() {
        return Stream.concat(
                        TYPES.stream()
                                .map(type -> new DescribedResource(
                                        new GroupVersionKind(GROUP, KernelMetricsResource.VERSION, type.kind()),
                                        type.resource(),
                                        "",
                                        type.namespaced(),
                                        type.type())),
                        Stream.of(new DescribedResource(
                                new GroupVersionKind(GROUP, KernelMetricsResource.VERSION, PodPreemptors.KIND),
                                PodsResource.TYPE.resource(),
                                PreemptorsResource.NAME,
                                true,
                                PodPreemptors.class)))
                .toList();
    }

    private static Resource resource(ResourceType<?> type) {
        return new Resource(
                type.resource(),
                type.kind().toLowerCase(Locale.ROOT),
                type.namespaced(),
                type.kind(),
                List.of("get", "list", "watch"),
                List.of(type.shortName()),
                List.of(CATEGORY));
    }
}
