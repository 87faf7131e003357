package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.api.model.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Whether the api-server hears from the agent of each node, and what it says of those that it does not. */
final class HeardCheck implements Check {
    /** Of more the reason is not asked one by one. */
    private static final int ASKED = 20;

    @Override
    public String subject() {
        return "agents heard by the api-server";
    }

    @Override
    public List<Finding> look(Installed installed) {
        Set<String> heard = NodeReports.all(installed).stream()
                .map(NodeReports.Report::node)
                .collect(Collectors.toSet());
        List<String> nodes = installed.client().nodes().list().getItems().stream()
                .filter(HeardCheck::isLinux)
                .map(node -> node.getMetadata().getName())
                .toList();
        List<String> silent =
                nodes.stream().filter(node -> !heard.contains(node)).toList();
        String all = (nodes.size() - silent.size()) + " of " + nodes.size() + " nodes are heard";
        List<Finding> findings = new ArrayList<>();
        findings.add(
                silent.size() == nodes.size()
                        ? new Finding.Fail(subject(), all, "see the lines below")
                        : new Finding.Ok(subject(), all));
        Map<String, List<String>> byReason = new LinkedHashMap<>();
        silent.stream()
                .limit(ASKED)
                .forEach(node -> byReason.computeIfAbsent(
                                NodeReports.whyNot(installed, node), reason -> new ArrayList<>())
                        .add(node));
        if (silent.size() > ASKED) {
            byReason.put("they are not heard either", silent.subList(ASKED, silent.size()));
        }
        byReason.forEach((reason, of) -> findings.add(new Finding.Fail(
                "agent on " + Nodes.text(of),
                reason,
                "kubectl logs -n " + installed.namespace() + " of its agent: it says why a push fails")));
        return findings;
    }

    private static boolean isLinux(Node node) {
        return Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.<String, String>of())
                .getOrDefault("kubernetes.io/os", "linux")
                .equals("linux");
    }
}
