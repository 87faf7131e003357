package io.kpod.apiserver.registration;

import java.util.List;
import java.util.stream.Stream;

/**
 * A group of which a cluster has one adapter. It has one owner for all versions: a client that prefers a version of
 * another owner would miss the metrics of the first.
 *
 * @param versions that kpod serves
 */
record SharedGroup(String name, List<Version> versions) {
    /** @param priority the highest is preferred */
    record Version(String name, int priority) {}

    static final List<SharedGroup> ALL = List.of(
            new SharedGroup("custom.metrics.k8s.io", List.of(new Version("v1beta1", 100), new Version("v1beta2", 200))),
            new SharedGroup("external.metrics.k8s.io", List.of(new Version("v1beta1", 100))));

    /** The name of a version's APIService. */
    String apiService(Version version) {
        return version.name() + "." + name;
    }

    Stream<String> apiServices() {
        return versions.stream().map(this::apiService);
    }
}
