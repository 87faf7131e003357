package io.kpod.apiserver.openapi;

/** What the documents describe below a version of a group. */
public sealed interface Described permits DescribedResource, DescribedMetric {
    /** Of the objects that it answers with; their list's name is made of it. */
    GroupVersionKind kind();
}
