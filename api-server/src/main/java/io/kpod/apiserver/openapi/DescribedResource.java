package io.kpod.apiserver.openapi;

/**
 * A resource: get, list and watch; a subresource: get.
 *
 * @param resource plural, as in paths
 * @param subresource empty: the resource itself; else what there is to get below each of its objects
 * @param type the record that its objects are
 */
public record DescribedResource(
        GroupVersionKind kind, String resource, String subresource, boolean namespaced, Class<? extends Record> type)
        implements Described {}
