package io.kpod.apiserver.doctor;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kpod.apiserver.kernelmetrics.KernelMetrics;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What kpod's own API says of nodes, asked through the kube-apiserver as kubectl would. */
final class NodeReports {
    private static final String NODES = "/apis/" + KernelMetrics.GROUP + "/v1beta1/nodes";

    /**
     * Of one node.
     *
     * @param report a NodeKernelMetrics
     */
    record Report(String node, JsonNode report) {}

    private NodeReports() {}

    /** Of every node whose agent is heard. */
    static List<Report> all(Installed installed) {
        List<Report> all = new ArrayList<>();
        String next = "";
        do {
            String more = next.isEmpty() ? "" : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
            JsonNode page = read(installed.client().raw(NODES + "?limit=500" + more));
            page.path("items")
                    .forEach(item -> all.add(
                            new Report(item.path("metadata").path("name").asString(""), item)));
            next = page.path("metadata").path("continue").asString("");
        } while (!next.isEmpty());
        return all;
    }

    /** Why there is none of a node, as the API says it. */
    static String whyNot(Installed installed, String node) {
        try {
            return read(installed.client().raw(NODES + "/" + node)).isMissingNode()
                    ? "the api-server knows nothing of it"
                    : "its agent is heard again";
        } catch (KubernetesClientException e) {
            if (e.getStatus() != null
                    && e.getStatus().getDetails() != null
                    && !e.getStatus().getDetails().getCauses().isEmpty()) {
                return e.getStatus().getDetails().getCauses().getFirst().getMessage();
            }
            throw e;
        }
    }

    private static JsonNode read(String body) {
        return JsonMapper.shared().readTree(Objects.requireNonNullElse(body, ""));
    }
}
