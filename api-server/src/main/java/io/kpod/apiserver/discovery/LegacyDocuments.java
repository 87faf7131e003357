package io.kpod.apiserver.discovery;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** meta/v1 APIGroupList, APIGroup and APIResourceList. */
final class LegacyDocuments {
    private LegacyDocuments() {}

    record ApiGroupList(String kind, String apiVersion, List<ApiGroup> groups) {}

    record ApiGroup(
            @Nullable String kind,
            @Nullable String apiVersion,
            String name,
            List<GroupVersion> versions,
            GroupVersion preferredVersion) {}

    record GroupVersion(String groupVersion, String version) {}

    record ApiResourceList(String kind, String apiVersion, String groupVersion, List<ApiResource> resources) {}

    record ApiResource(
            String name,
            String singularName,
            boolean namespaced,
            String kind,
            List<String> verbs,
            @Nullable List<String> shortNames,
            @Nullable List<String> categories) {}

    static ApiGroupList groupList(List<GroupDeclaration> groups) {
        return new ApiGroupList(
                "APIGroupList",
                "v1",
                groups.stream().map(group -> group(group, null, null)).toList());
    }

    static ApiGroup group(GroupDeclaration group) {
        return group(group, "APIGroup", "v1");
    }

    static ApiResourceList resourceList(GroupDeclaration group, GroupDeclaration.Version version) {
        return new ApiResourceList(
                "APIResourceList",
                "v1",
                group.name() + "/" + version.name(),
                version.resources().stream()
                        .map(resource -> new ApiResource(
                                resource.name(),
                                resource.singular(),
                                resource.namespaced(),
                                resource.kind(),
                                resource.verbs(),
                                resource.shortNames().isEmpty() ? null : resource.shortNames(),
                                resource.categories().isEmpty() ? null : resource.categories()))
                        .toList());
    }

    private static ApiGroup group(GroupDeclaration group, @Nullable String kind, @Nullable String apiVersion) {
        List<GroupVersion> versions = group.versions().stream()
                .map(version -> new GroupVersion(group.name() + "/" + version.name(), version.name()))
                .toList();
        return new ApiGroup(kind, apiVersion, group.name(), versions, versions.getFirst());
    }
}
