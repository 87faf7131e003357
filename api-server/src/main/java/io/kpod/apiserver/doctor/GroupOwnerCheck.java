package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.APIService;
import io.kpod.apiserver.registration.ApiServiceRegistration;
import io.kpod.apiserver.registration.ServiceName;
import java.util.List;
import java.util.Optional;

/** Who has the groups of which a cluster has one adapter. */
final class GroupOwnerCheck implements Check {
    private static final List<String> SHARED = ApiServiceRegistration.NAMES.stream()
            .skip(1)
            .map(GroupOwnerCheck::group)
            .distinct()
            .toList();

    @Override
    public String subject() {
        return "owners of " + String.join(" and ", SHARED);
    }

    @Override
    public List<Finding> look(Installed installed) {
        List<APIService> all = installed.apiServices();
        return SHARED.stream()
                .flatMap(group -> foreignOwner(installed, all, group).map(owner -> foreign(group, owner)).stream())
                .toList();
    }

    private static Finding foreign(String group, ServiceName owner) {
        return new Finding(
                group,
                "belongs to " + owner + ", so no HPA gets kpod's metrics from it",
                "delete its APIServices and kpod takes the group, or set kpod.api."
                        + group.substring(0, group.indexOf('.')) + "-metrics-adapter=" + owner.namespace() + "/"
                        + owner.name() + " and kpod stands in front of it");
    }

    /** Who has any version of the group, if that is not kpod. */
    static Optional<ServiceName> foreignOwner(Installed installed, List<APIService> all, String group) {
        return all.stream()
                .filter(each -> group.equals(each.getSpec().getGroup()))
                .flatMap(each -> Installed.owner(each).stream())
                .filter(owner -> !owner.equals(installed.service()))
                .findFirst();
    }

    /** Of an APIService's name. */
    static String group(String apiService) {
        return apiService.substring(apiService.indexOf('.') + 1);
    }
}
