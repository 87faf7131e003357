package io.kpod.agent.discovery;

import java.util.List;
import java.util.Set;

/** Which namespaces are measured: all, or those named; without the excluded ones. */
record NamespaceFilter(Set<String> namespaces, Set<String> excluded) {
    NamespaceFilter(List<String> namespaces, List<String> excluded) {
        this(Set.copyOf(namespaces), Set.copyOf(excluded));
    }

    boolean admits(String namespace) {
        return (namespaces.isEmpty() || namespaces.contains(namespace)) && !excluded.contains(namespace);
    }
}
