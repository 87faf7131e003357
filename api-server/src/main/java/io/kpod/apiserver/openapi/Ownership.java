package io.kpod.apiserver.openapi;

/**
 * Which groups are this server's in its cluster. A kube-apiserver puts every document that any of its servers lists into
 * its own index, whoever the group's APIService points to.
 */
@FunctionalInterface
public interface Ownership {
    /** Whether requests for that version of the group come here. */
    boolean owns(String group, String version);
}
