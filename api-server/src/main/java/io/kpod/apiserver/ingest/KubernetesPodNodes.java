package io.kpod.apiserver.ingest;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Optional;

/** Asks the kube-apiserver; a pod stays on its node, so what was found is remembered for a while. */
public final class KubernetesPodNodes implements PodNodes {
    private static final int MAX_PODS = 20_000;
    private static final Duration REMEMBERED = Duration.ofMinutes(10);

    private final KubernetesClient client;
    private final Cache<String, String> nodeByUid = Caffeine.newBuilder()
            .maximumSize(MAX_PODS)
            .expireAfterWrite(REMEMBERED)
            .build();

    public KubernetesPodNodes(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Optional<String> nodeOf(String namespace, String pod, String uid) {
        String known = nodeByUid.getIfPresent(uid);
        if (known != null) {
            return Optional.of(known);
        }
        Pod found = client.pods().inNamespace(namespace).withName(pod).get();
        if (found == null || !uid.equals(found.getMetadata().getUid())) {
            return Optional.empty();
        }
        Optional<String> node = Optional.ofNullable(found.getSpec().getNodeName());
        node.ifPresent(name -> nodeByUid.put(uid, name));
        return node;
    }
}
