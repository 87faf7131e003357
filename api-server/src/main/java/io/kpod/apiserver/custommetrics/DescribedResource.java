package io.kpod.apiserver.custommetrics;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a custom metric can describe. */
enum DescribedResource {
    PODS("pods", "Pod", "/v1"),
    DEPLOYMENTS("deployments.apps", "Deployment", "apps/v1"),
    STATEFUL_SETS("statefulsets.apps", "StatefulSet", "apps/v1"),
    DAEMON_SETS("daemonsets.apps", "DaemonSet", "apps/v1"),
    REPLICA_SETS("replicasets.apps", "ReplicaSet", "apps/v1"),
    JOBS("jobs.batch", "Job", "batch/v1"),
    SERVICES("services", "Service", "/v1"),
    /** Of no namespace: {@code /nodes/NAME/METRIC}. */
    NODES("nodes", "Node", "/v1"),
    /** Addressed as {@code /namespaces/NS/metrics/METRIC}. */
    NAMESPACES("namespaces", "Namespace", "/v1");

    private final String resource;
    private final String kind;
    private final String apiVersion;

    DescribedResource(String resource, String kind, String apiVersion) {
        this.resource = resource;
        this.kind = kind;
        this.apiVersion = apiVersion;
    }

    /** Plural, with the group if it has one, as clients put it into paths. */
    String resource() {
        return resource;
    }

    String kind() {
        return kind;
    }

    /** As adapters write it: {@code /v1} for the core group. */
    String apiVersion() {
        return apiVersion;
    }

    /** Whether its objects are in namespaces. */
    boolean namespaced() {
        return this != NODES && this != NAMESPACES;
    }

    /** The resource that stands in a path below a namespace; empty if none of these. */
    static Optional<DescribedResource> ofPath(String resource) {
        return Arrays.stream(values())
                .filter(described -> described.namespaced() && described.resource.equals(resource))
                .findFirst();
    }

    /** All resources, for discovery and messages. */
    static List<String> resources() {
        return Arrays.stream(values()).map(DescribedResource::resource).toList();
    }
}
