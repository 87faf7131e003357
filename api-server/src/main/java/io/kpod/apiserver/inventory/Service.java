package io.kpod.apiserver.inventory;

import java.util.Map;

/**
 * A Service, as far as it matters here.
 *
 * @param selector labels of its pods; empty: it has none, its endpoints are made by somebody else
 */
public record Service(String namespace, String name, Map<String, String> selector) {
    public Service {
        selector = Map.copyOf(selector);
    }

    /** Whether a pod is one of its. */
    public boolean selects(Pod pod) {
        return !selector.isEmpty()
                && pod.name().namespace().equals(namespace)
                && pod.labels().entrySet().containsAll(selector.entrySet());
    }
}
