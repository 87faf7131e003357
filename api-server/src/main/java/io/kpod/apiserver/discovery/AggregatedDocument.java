package io.kpod.apiserver.discovery;

import io.kpod.apiserver.discovery.GroupDeclaration.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** apidiscovery.k8s.io APIGroupDiscoveryList; v2 and v2beta1 have the same fields. */
record AggregatedDocument(String kind, String apiVersion, Map<String, String> metadata, List<Group> items) {
    record Name(String name) {}

    record Group(Name metadata, List<Version> versions) {}

    record Version(String version, List<DiscoveredResource> resources, String freshness) {}

    record ResponseKind(String group, String version, String kind) {}

    record DiscoveredResource(
            String resource,
            ResponseKind responseKind,
            String scope,
            String singularResource,
            List<String> verbs,
            @Nullable List<String> shortNames,
            @Nullable List<String> categories,
            @Nullable List<Subresource> subresources) {}

    record Subresource(String subresource, ResponseKind responseKind, List<String> verbs) {}

    static AggregatedDocument of(String version, List<GroupDeclaration> groups) {
        return new AggregatedDocument(
                "APIGroupDiscoveryList",
                "apidiscovery.k8s.io/" + version,
                Map.of(),
                groups.stream().map(AggregatedDocument::group).toList());
    }

    private static Group group(GroupDeclaration group) {
        return new Group(
                new Name(group.name()),
                group.versions().stream()
                        .map(version -> new Version(version.name(), resources(group.name(), version), "Current"))
                        .toList());
    }

    private static List<DiscoveredResource> resources(String group, GroupDeclaration.Version version) {
        Map<String, List<Resource>> byParent = new LinkedHashMap<>();
        for (Resource resource : version.resources()) {
            byParent.computeIfAbsent(resource.name().split("/", 2)[0], parent -> new ArrayList<>())
                    .add(resource);
        }
        return byParent.entrySet().stream()
                .map(entry -> resource(group, version.name(), entry.getKey(), entry.getValue()))
                .toList();
    }

    private static DiscoveredResource resource(String group, String version, String parent, List<Resource> members) {
        List<Subresource> subresources = members.stream()
                .filter(member -> !member.name().equals(parent))
                .map(member -> new Subresource(
                        member.name().substring(parent.length() + 1),
                        new ResponseKind(group, version, member.kind()),
                        member.verbs()))
                .toList();
        Resource first = members.getFirst();
        String scope = first.namespaced() ? "Namespaced" : "Cluster";
        if (!first.name().equals(parent)) {
            // Subresources alone: the parent is there to carry them, with an empty kind, which clients before 0.26.4
            // must find
            // (kubernetes/kubernetes#118361) and which keeps it out of kubectl api-resources.
            return new DiscoveredResource(
                    parent, new ResponseKind("", "", ""), scope, "", List.of(), null, null, subresources);
        }
        return new DiscoveredResource(
                parent,
                new ResponseKind(group, version, first.kind()),
                scope,
                first.singular(),
                first.verbs(),
                first.shortNames().isEmpty() ? null : first.shortNames(),
                first.categories().isEmpty() ? null : first.categories(),
                subresources.isEmpty() ? null : subresources);
    }
}
