package io.kpod.apiserver.kernelmetrics;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An object that says nothing but up to which revision a watcher knows everything. */
record Bookmark(String kind, String apiVersion, Metadata metadata) {
    /** Marks the bookmark after which a watcher knows all objects that there were at its start. */
    static final Map<String, String> INITIAL_EVENTS_END = Map.of("k8s.io/initial-events-end", "true");

    record Metadata(String resourceVersion, @Nullable Map<String, String> annotations) {}
}
