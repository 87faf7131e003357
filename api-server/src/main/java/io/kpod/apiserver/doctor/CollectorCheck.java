package io.kpod.apiserver.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** What the kernels of the nodes let be measured: each collector that is off, and why, and containers without a slot. */
final class CollectorCheck implements Check {
    private record Off(String collector, String reason) {}

    @Override
    public String subject() {
        return "collectors of the nodes";
    }

    @Override
    public List<Finding> look(Installed installed) {
        List<NodeReports.Report> reports = NodeReports.all(installed);
        Map<Off, List<String>> off = new LinkedHashMap<>();
        TreeSet<String> running = new TreeSet<>();
        List<Finding> findings = new ArrayList<>();
        for (NodeReports.Report report : reports) {
            for (JsonNode collector : report.report().path("collectors")) {
                String name = collector.path("name").asString("");
                if (collector.path("running").asBoolean(false)) {
                    running.add(name);
                } else {
                    off.computeIfAbsent(new Off(name, collector.path("reason").asString("")), one -> new ArrayList<>())
                            .add(report.node());
                }
            }
            long overflowed = report.report().path("overflowedContainers").asLong(0);
            if (overflowed > 0) {
                findings.add(new Finding.Warn(
                        "agent on node " + report.node(),
                        "had no slot for " + overflowed + " containers, which are counted together",
                        "raise kpod.bpf.max-containers in ConfigMap kpod-node-agent"));
            }
        }
        off.forEach((collector, nodes) -> findings.addFirst(new Finding.Warn(
                "collector " + collector.collector() + " on " + Nodes.text(nodes),
                "is off: " + collector.reason(),
                "node-agent/KERNELS.md says what each kernel has; another kpod.profile leaves the collector out")));
        if (!running.isEmpty()) {
            findings.addFirst(
                    new Finding.Ok(subject(), String.join(", ", running) + " run on " + Nodes.text(nodes(reports))));
        }
        return findings;
    }

    private static List<String> nodes(List<NodeReports.Report> reports) {
        return reports.stream().map(NodeReports.Report::node).toList();
    }
}
