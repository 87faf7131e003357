package io.kpod.apiserver.discovery;

import java.util.List;

/**
 * A group that this server serves.
 *
 * @param versions the preferred one first
 */
public record GroupDeclaration(String name, List<Version> versions) {
    public GroupDeclaration {
        versions = List.copyOf(versions);
    }

    /** One version and its resources; never none, because clients don't cache a version without resources. */
    public record Version(String name, List<Resource> resources) {
        public Version {
            resources = List.copyOf(resources);
        }
    }

    /**
     * A resource, or with a slash in its name a subresource.
     *
     * @param name plural, as it stands in paths: {@code pods}, {@code pods/kpod_cpu_context_switches_per_second}
     * @param singular empty for a subresource
     */
    public record Resource(
            String name,
            String singular,
            boolean namespaced,
            String kind,
            List<String> verbs,
            List<String> shortNames,
            List<String> categories) {
        public Resource {
            verbs = List.copyOf(verbs);
            shortNames = List.copyOf(shortNames);
            categories = List.copyOf(categories);
        }
    }
}
