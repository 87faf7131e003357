package io.kpod.apiserver.table;

import java.util.List;

/** meta.k8s.io PartialObjectMetadataList. */
public record PartialObjectMetadataList(
        String kind, String apiVersion, ListMeta metadata, List<PartialObjectMetadata> items) {
    /** The metadata of {@code objects}; {@code version} is that of meta.k8s.io. */
    public static PartialObjectMetadataList of(String version, ListMeta metadata, List<? extends ApiObject> objects) {
        return new PartialObjectMetadataList(
                "PartialObjectMetadataList",
                "meta.k8s.io/" + version,
                metadata,
                objects.stream()
                        .map(object -> PartialObjectMetadata.of(version, object))
                        .toList());
    }
}
