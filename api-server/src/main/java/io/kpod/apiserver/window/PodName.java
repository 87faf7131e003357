package io.kpod.apiserver.window;

/** Namespace and name of a pod, or of what takes a pod's place stand-alone; ordered as lists are. */
public record PodName(String namespace, String name) implements Comparable<PodName> {
    @Override
    public int compareTo(PodName other) {
        int byNamespace = namespace.compareTo(other.namespace);
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }

    /** {@code shop/checkout-7d9f}. */
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
