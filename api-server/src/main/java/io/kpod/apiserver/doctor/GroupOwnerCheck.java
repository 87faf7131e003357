package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.APIService;
import io.kpod.apiserver.registration.ApiServiceRegistration;
import io.kpod.apiserver.registration.ServiceName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who has the groups of which a cluster has one adapter. */
final class GroupOwnerCheck implements Check {
    private static final List<String> SHARED = ApiServiceRegistration.NAMES.stream()
            .skip(1)
            .map(name -> name.substring(name.indexOf('.') + 1))
            .distinct()
            .toList();

    /** What people know an adapter by, of a part of its Service's name. */
    private static final Map<String, String> KNOWN = known();

    @Override
    public String subject() {
        return "owners of " + String.join(" and ", SHARED);
    }

    @Override
    public List<Finding> look(Installed installed) {
        return SHARED.stream().map(group -> look(installed, group)).toList();
    }

    private static Finding look(Installed installed, String group) {
        return foreignOwner(installed, group)
                .<Finding>map(owner -> new Finding.Warn(
                        group,
                        "belongs to " + owner + nickname(owner) + ", so no HPA gets kpod's metrics from it",
                        "delete its APIServices and kpod takes the group, or set kpod.api."
                                + group.substring(0, group.indexOf('.')) + "-metrics-adapter="
                                + owner.replaceFirst("^Service ", "") + " to have kpod in front of it"))
                .orElseGet(() -> new Finding.Ok(group, "no other adapter has it"));
    }

    /** Who has any version of the group, if that is not kpod. */
    static Optional<String> foreignOwner(Installed installed, String group) {
        return installed.client().apiServices().list().getItems().stream()
                .filter(each -> group.equals(each.getSpec().getGroup()))
                .flatMap(each -> owner(each).stream())
                .filter(owner -> !owner.equals(installed.service().toString()))
                .findFirst();
    }

    /** Whom an APIService points to; empty: the kube-apiserver itself. */
    static Optional<String> owner(APIService found) {
        return Optional.ofNullable(found.getSpec().getService())
                .map(reference -> new ServiceName(reference.getNamespace(), reference.getName()).toString());
    }

    private static String nickname(String owner) {
        return KNOWN.entrySet().stream()
                .filter(known -> owner.contains(known.getKey()))
                .findFirst()
                .map(known -> " (" + known.getValue() + ")")
                .orElse("");
    }

    private static Map<String, String> known() {
        Map<String, String> known = new LinkedHashMap<>();
        known.put("keda", "KEDA");
        known.put("prometheus-adapter", "prometheus-adapter");
        known.put("datadog", "Datadog's cluster agent");
        known.put("stackdriver", "Google's adapter");
        known.put("kube-metrics-adapter", "Zalando's kube-metrics-adapter");
        return known;
    }
}
