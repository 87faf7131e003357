package io.kpod.apiserver.query;

import java.util.Set;

/**
 * Which namespaces the agents are told to measure; the same settings as theirs, so that an answer can say that a pod
 * is left out on purpose.
 *
 * @param only empty: all
 */
public record NamespaceFilter(Set<String> excluded, Set<String> only) {
    /** Measures all. */
    public static final NamespaceFilter NONE = new NamespaceFilter(Set.of(), Set.of());

    public NamespaceFilter {
        excluded = Set.copyOf(excluded);
        only = Set.copyOf(only);
    }

    /** Whether pods of {@code namespace} are left out. */
    public boolean excludes(String namespace) {
        return excluded.contains(namespace) || (!only.isEmpty() && !only.contains(namespace));
    }
}
