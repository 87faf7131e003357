package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** The agents' DaemonSet, node by node: where none is ready, why. */
final class AgentPodsCheck implements Check {
    private static final String NAME = "kpod-node-agent";

    @Override
    public String subject() {
        return "agents' pods";
    }

    @Override
    public List<Finding> look(Installed installed) {
        DaemonSet set = installed
                .client()
                .apps()
                .daemonSets()
                .inNamespace(installed.namespace())
                .withName(NAME)
                .get();
        if (set == null) {
            return List.of(new Finding(
                    "DaemonSet " + installed.namespace() + "/" + NAME,
                    "does not exist, so nothing is measured",
                    "kubectl apply -k manifests/kustomize"));
        }
        List<Pod> pods = installed
                .client()
                .pods()
                .inNamespace(installed.namespace())
                .withLabels(set.getSpec().getSelector().getMatchLabels())
                .list()
                .getItems();
        List<Finding> findings = new ArrayList<>(notReady(pods));
        Set<String> taken = pods.stream().map(AgentPodsCheck::node).collect(Collectors.toSet());
        List<String> without = installed.linuxNodes().stream()
                .filter(node -> !taken.contains(node))
                .toList();
        if (!without.isEmpty()) {
            findings.add(new Finding(
                    "agent on " + Nodes.text(without),
                    "there is no pod of DaemonSet " + NAME,
                    "compare its nodeSelector and tolerations with the node's labels and taints; kubectl describe -n "
                            + installed.namespace() + " daemonset " + NAME));
        }
        return findings;
    }

    private static List<Finding> notReady(List<Pod> pods) {
        Map<String, List<Pod>> byTrouble = new LinkedHashMap<>();
        pods.forEach(pod -> PodTrouble.of(pod)
                .ifPresent(trouble -> byTrouble
                        .computeIfAbsent(trouble, one -> new ArrayList<>())
                        .add(pod)));
        return byTrouble.entrySet().stream()
                .map(each -> new Finding(
                        "agent on "
                                + Nodes.text(each.getValue().stream()
                                        .map(AgentPodsCheck::node)
                                        .toList()),
                        each.getKey(),
                        "kubectl describe and kubectl logs --previous -n "
                                + each.getValue().getFirst().getMetadata().getNamespace() + " pod/"
                                + each.getValue().getFirst().getMetadata().getName()))
                .toList();
    }

    /** Where it is, or is meant to be: until it is bound, its controller's affinity names the node. */
    private static String node(Pod pod) {
        return Objects.requireNonNullElseGet(
                pod.getSpec().getNodeName(),
                () -> pod.getSpec()
                        .getAffinity()
                        .getNodeAffinity()
                        .getRequiredDuringSchedulingIgnoredDuringExecution()
                        .getNodeSelectorTerms()
                        .getFirst()
                        .getMatchFields()
                        .getFirst()
                        .getValues()
                        .getFirst());
    }
}
