package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kpod.apiserver.kernelmetrics.KernelMetrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What kpod's own API, asked through the kube-apiserver as kubectl would, says of each node: whether its agent is heard,
 * and what its kernel does not let be measured.
 */
final class NodesCheck implements Check {
    private static final String NODES = "/apis/" + KernelMetrics.GROUP + "/v1beta1/nodes";

    private record Off(String collector, String reason) {}

    @Override
    public String subject() {
        return "agents and kernels of the nodes";
    }

    @Override
    public List<Finding> look(Installed installed) {
        Map<String, JsonNode> heard = new LinkedHashMap<>();
        read(installed, NODES).path("items").forEach(item -> heard.put(name(item), item));
        List<String> silent = installed.linuxNodes().stream()
                .filter(node -> !heard.containsKey(node))
                .toList();
        return Stream.of(silent(installed, silent), off(heard), overflowed(heard))
                .flatMap(List::stream)
                .toList();
    }

    private static List<Finding> silent(Installed installed, List<String> nodes) {
        Map<String, List<String>> byReason = new LinkedHashMap<>();
        nodes.forEach(node -> byReason.computeIfAbsent(whyNot(installed, node), reason -> new ArrayList<>())
                .add(node));
        return byReason.entrySet().stream()
                .map(each -> new Finding(
                        "agent on " + Nodes.text(each.getValue()),
                        each.getKey(),
                        "see the lines of the agents' pods; kubectl logs -n " + installed.namespace()
                                + " of one says why a push fails"))
                .toList();
    }

    private static List<Finding> off(Map<String, JsonNode> heard) {
        Map<Off, List<String>> nodes = new LinkedHashMap<>();
        heard.forEach((node, report) -> report.path("collectors").forEach(collector -> {
            if (!collector.path("running").asBoolean(false)) {
                nodes.computeIfAbsent(
                                new Off(
                                        collector.path("name").asString(""),
                                        collector.path("reason").asString("")),
                                one -> new ArrayList<>())
                        .add(node);
            }
        }));
        return nodes.entrySet().stream()
                .map(
                        each -> new Finding(
                                "collector " + each.getKey().collector() + " on " + Nodes.text(each.getValue()),
                                "is off: " + each.getKey().reason(),
                                "node-agent/KERNELS.md says what each kernel has; another kpod.profile leaves the collector out"))
                .toList();
    }

    private static List<Finding> overflowed(Map<String, JsonNode> heard) {
        return heard.entrySet().stream()
                .filter(each -> each.getValue().path("overflowedContainers").asLong(0) > 0)
                .map(each -> new Finding(
                        "agent on node " + each.getKey(),
                        "had no slot for "
                                + each.getValue().path("overflowedContainers").asLong(0)
                                + " containers, which are counted together",
                        "raise kpod.bpf.max-containers in ConfigMap kpod-node-agent"))
                .toList();
    }

    /** Why the API has nothing of a node, in its own words. */
    private static String whyNot(Installed installed, String node) {
        try {
            read(installed, NODES + "/" + node);
            return "was silent a moment ago and is heard again";
        } catch (KubernetesClientException e) {
            if (e.getStatus() == null || e.getStatus().getDetails() == null) {
                throw e;
            }
            return e.getStatus().getDetails().getCauses().stream()
                    .findFirst()
                    .map(cause -> cause.getMessage())
                    .orElseThrow(() -> e);
        }
    }

    /** Throws 404 too, whose causes say why; the shorter {@code raw} makes null of it. */
    private static JsonNode read(Installed installed, String path) {
        return JsonMapper.shared()
                .readTree(Objects.requireNonNull(installed.client().raw(path, "GET", null)));
    }

    private static String name(JsonNode item) {
        return item.path("metadata").path("name").asString("");
    }
}
