package io.kpod.apiserver.table;

/** meta.k8s.io PartialObjectMetadata: an object without its content. */
public record PartialObjectMetadata(String kind, String apiVersion, ObjectMeta metadata) {
    /** The metadata of {@code object}; {@code version} is that of meta.k8s.io. */
    public static PartialObjectMetadata of(String version, ApiObject object) {
        return new PartialObjectMetadata("PartialObjectMetadata", "meta.k8s.io/" + version, object.metadata());
    }
}
