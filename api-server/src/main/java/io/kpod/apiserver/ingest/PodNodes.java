package io.kpod.apiserver.ingest;

import java.util.Optional;

/** Knows where pods run; for tokens of clusters before Kubernetes 1.30, which do not say. */
public interface PodNodes {
    /** The node of the pod; empty if there is no such pod, it has another uid, or no node yet. May block. */
    Optional<String> nodeOf(String namespace, String pod, String uid);
}
