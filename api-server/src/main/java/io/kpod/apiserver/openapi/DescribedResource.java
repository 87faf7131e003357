package io.kpod.apiserver.openapi;

/**
 * A resource: get, list and watch.
 *
 * @param resource plural, as in paths
 * @param type the record that its objects are
 */
public record DescribedResource(
        GroupVersionKind kind, String resource, boolean namespaced, Class<? extends Record> type)
        implements Described {}
