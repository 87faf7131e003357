package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The agents' DaemonSet, node by node: where none is ready, why. */
final class DaemonSetCheck implements Check {
    private static final String NAME = "kpod-node-agent";
    private static final String OS = "kubernetes.io/os";

    /** What the DaemonSet controller lets its pods tolerate by itself. */
    private static final Set<String> ALWAYS_TOLERATED = Set.of(
            "node.kubernetes.io/not-ready",
            "node.kubernetes.io/unreachable",
            "node.kubernetes.io/disk-pressure",
            "node.kubernetes.io/memory-pressure",
            "node.kubernetes.io/pid-pressure",
            "node.kubernetes.io/unschedulable");

    @Override
    public String subject() {
        return "agents of the nodes";
    }

    @Override
    public List<Finding> look(Installed installed) {
        KubernetesClient client = installed.client();
        String subject = "DaemonSet " + installed.namespace() + "/" + NAME;
        DaemonSet set = client.apps()
                .daemonSets()
                .inNamespace(installed.namespace())
                .withName(NAME)
                .get();
        if (set == null) {
            return List.of(new Finding.Fail(
                    subject, "does not exist, so nothing is measured", "kubectl apply -k manifests/kustomize"));
        }
        List<Pod> pods = client.pods()
                .inNamespace(installed.namespace())
                .withLabels(set.getSpec().getSelector().getMatchLabels())
                .list()
                .getItems();
        Map<Finding, List<String>> nodesByTrouble = new LinkedHashMap<>();
        int wanted = 0;
        int ready = 0;
        for (Node node : client.nodes().list().getItems()) {
            if (isOfAnotherSystem(node)) {
                continue;
            }
            wanted++;
            String name = node.getMetadata().getName();
            Optional<Finding> trouble = trouble(set, node, podOn(name, pods), installed);
            if (trouble.isEmpty()) {
                ready++;
            } else {
                nodesByTrouble
                        .computeIfAbsent(trouble.get(), one -> new ArrayList<>())
                        .add(name);
            }
        }
        String all = ready + " of " + wanted + " nodes have a ready agent";
        List<Finding> findings = new ArrayList<>();
        findings.add(ready == 0 ? new Finding.Fail(subject, all, "see the lines below") : new Finding.Ok(subject, all));
        nodesByTrouble.forEach((trouble, nodes) -> findings.add(Nodes.named(trouble, nodes)));
        return findings;
    }

    private static boolean isOfAnotherSystem(Node node) {
        return !labels(node).getOrDefault(OS, "linux").equals("linux");
    }

    /** Without the node's name, so that nodes with the same trouble are one line. */
    private static Optional<Finding> trouble(DaemonSet set, Node node, @Nullable Pod pod, Installed installed) {
        String describe = "kubectl describe -n " + installed.namespace() + " ";
        if (pod != null) {
            return PodTrouble.of(pod)
                    .map(trouble -> new Finding.Fail(
                            "agent",
                            trouble,
                            "kubectl logs -n " + installed.namespace() + " --previous "
                                    + pod.getMetadata().getName() + ", or " + describe + "pod "
                                    + pod.getMetadata().getName()));
        }
        Map<String, String> selector =
                Objects.requireNonNullElse(set.getSpec().getTemplate().getSpec().getNodeSelector(), Map.of());
        if (!labels(node).entrySet().containsAll(selector.entrySet())) {
            return Optional.of(new Finding.Warn(
                    "agent",
                    "there is none, for the DaemonSet wants nodes with the labels " + selector,
                    "label the node, or change the DaemonSet's nodeSelector"));
        }
        List<Toleration> tolerations =
                Objects.requireNonNullElse(set.getSpec().getTemplate().getSpec().getTolerations(), List.of());
        Optional<Taint> taint = Objects.requireNonNullElse(node.getSpec().getTaints(), List.<Taint>of()).stream()
                .filter(each -> !each.getEffect().equals("PreferNoSchedule"))
                .filter(each -> !ALWAYS_TOLERATED.contains(each.getKey()))
                .filter(each -> tolerations.stream().noneMatch(toleration -> tolerates(toleration, each)))
                .findFirst();
        return Optional.of(taint.<Finding>map(each -> new Finding.Warn(
                        "agent",
                        "there is none, for the DaemonSet does not tolerate the taint " + each.getKey()
                                + (each.getValue() == null ? "" : "=" + each.getValue()) + ":" + each.getEffect(),
                        "add a toleration to the DaemonSet: the manifests' one is {operator: Exists}"))
                .orElseGet(() ->
                        new Finding.Fail("agent", "there is no pod of the DaemonSet", describe + "daemonset " + NAME)));
    }

    private static boolean tolerates(Toleration toleration, Taint taint) {
        boolean exists = "Exists".equals(toleration.getOperator());
        return (toleration.getEffect() == null || toleration.getEffect().equals(taint.getEffect()))
                && (toleration.getKey() == null ? exists : toleration.getKey().equals(taint.getKey()))
                && (exists || Objects.equals(toleration.getValue(), taint.getValue()));
    }

    /** The pod that is on the node, or that waits to be: the controller binds each by an affinity to the node's name. */
    private static @Nullable Pod podOn(String node, List<Pod> pods) {
        return pods.stream()
                .filter(pod -> pod.getSpec().getNodeName() == null
                        ? meantFor(node, pod)
                        : pod.getSpec().getNodeName().equals(node))
                .findFirst()
                .orElse(null);
    }

    private static boolean meantFor(String node, Pod pod) {
        var affinity = pod.getSpec().getAffinity();
        if (affinity == null
                || affinity.getNodeAffinity() == null
                || affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution() == null) {
            return false;
        }
        return affinity
                .getNodeAffinity()
                .getRequiredDuringSchedulingIgnoredDuringExecution()
                .getNodeSelectorTerms()
                .stream()
                .flatMap(term -> term.getMatchFields().stream())
                .anyMatch(field -> field.getValues().contains(node));
    }

    private static Map<String, String> labels(Node node) {
        return Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.of());
    }
}
