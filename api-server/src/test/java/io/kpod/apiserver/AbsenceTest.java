package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.inventory.Owner;
import io.kpod.apiserver.query.Absence;
import io.kpod.apiserver.window.TestAgent;
import io.kpod.summary.wire.CollectorReport;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each reason for which there is nothing to say, brought about and asked for. */
class AbsenceTest {
    private static final String KERNEL = "/apis/kernelmetrics.kpod.io/v1beta1/";
    private static final String CUSTOM = "/apis/custom.metrics.k8s.io/v1beta2/";
    private static final String POD = KERNEL + "namespaces/shop/pods/web";
    private static final String SWITCHES = "/kpod_cpu_context_switches_per_second";
    private static final String DEPLOYMENT = CUSTOM + "namespaces/shop/deployments.apps/web" + SWITCHES;

    private static final Owner SET = new Owner("ReplicaSet", "shop", "web-1");

    private final TestApi api = new TestApi();
    private final TestAgent agent = new TestAgent("n1");

    @AfterEach
    void stop() {
        api.close();
    }

    /** A question, and what the answer says for programs and for people. */
    private record Asked(String path, String reason, String message) {}

    @ParameterizedTest
    @EnumSource
    void isSaidWithItsReason(Absence.Reason reason) throws Exception {
        Asked asked = provoke(reason);
        HttpResponse<String> answer = api.get(asked.path());
        assertThat(answer.statusCode()).isEqualTo(404);
        JsonNode status = JsonMapper.shared().readTree(answer.body());
        assertThat(status.at("/kind").asString()).isEqualTo("Status");
        assertThat(status.at("/reason").asString()).isEqualTo("NotFound");
        assertThat(status.at("/details/causes/0/reason").asString()).isEqualTo(asked.reason());
        assertThat(status.at("/details/causes/0/message").asString()).isEqualTo(asked.message());
        assertThat(status.at("/message").asString()).endsWith(": " + asked.message());
    }

    private Asked provoke(Absence.Reason reason) {
        return switch (reason) {
            case PODS_NOT_LISTED_YET -> {
                web("n1");
                measuredTwice("web");
                api.cluster.synced(false);
                yield new Asked(
                        DEPLOYMENT,
                        "PodsNotListedYet",
                        "this server has not listed the cluster's pods yet; ask again in a moment");
            }
            case NODES_NOT_LISTED_YET -> {
                api.cluster.synced(false);
                yield new Asked(
                        KERNEL + "nodes/n1",
                        "NodesNotListedYet",
                        "this server has not listed the cluster's nodes yet; ask again in a moment");
            }
            case POD_UNKNOWN -> new Asked(POD, "PodUnknown", "there is no pod shop/web");
            case WORKLOAD_UNKNOWN ->
                new Asked(
                        KERNEL + "namespaces/shop/workloads/web",
                        "WorkloadUnknown",
                        "no pod in namespace shop belongs to a workload of that name, which is the kind in lower case, a dot and"
                                + " the name, such as deployment.checkout");
            case NODE_UNKNOWN -> new Asked(KERNEL + "nodes/n1", "NodeUnknown", "there is no node n1");
            case SERVICE_UNKNOWN ->
                new Asked(
                        CUSTOM + "namespaces/shop/services/web" + SWITCHES,
                        "ServiceUnknown",
                        "there is no Service shop/web");
            case UNKNOWN_METRIC ->
                new Asked(
                        CUSTOM + "namespaces/shop/pods/web/kpod_nothing",
                        "UnknownMetric",
                        "there is none of that name; kubectl get --raw /apis/custom.metrics.k8s.io/v1beta2 lists them");
            case NO_SELECTOR -> {
                api.cluster.service("shop", "outside", Map.of());
                yield new Asked(
                        CUSTOM + "namespaces/shop/services/outside" + SWITCHES,
                        "NoSelector",
                        "the Service has no selector, so that it has no pods");
            }
            case NO_PODS -> {
                web("n1");
                yield new Asked(
                        "/apis/external.metrics.k8s.io/v1beta1/namespaces/shop" + SWITCHES
                                + "?labelSelector=app%3Dother",
                        "NoPods",
                        "no pod in namespace shop has such labels");
            }
            case NOT_SCHEDULED -> {
                web("");
                yield new Asked(POD, "NotScheduled", "pod shop/web is not on a node yet");
            }
            case NAMESPACE_EXCLUDED -> {
                api.cluster.pod("kube-system", "dns", "u1", "n1", Map.of());
                measuredTwice("other");
                yield new Asked(
                        KERNEL + "namespaces/kube-system/pods/dns",
                        "NamespaceExcluded",
                        "namespace kube-system is excluded by kpod.filter.exclude-namespaces or kpod.filter.namespaces");
            }
            case NO_AGENT_ON_NODE -> {
                web("n7");
                measuredTwice("other");
                yield new Asked(
                        POD,
                        "NoAgentOnNode",
                        "no agent has been heard from its node n7 since this server started 10s ago");
            }
            case AGENT_SILENT -> {
                web("n1");
                measuredTwice("web");
                api.clock.advance(Duration.ofSeconds(42));
                yield new Asked(POD, "AgentSilent", "the agent on its node n1 was last heard 42s ago");
            }
            case POD_FINISHED -> {
                api.cluster.pod("shop", "web", "uid-web", "n1", "Failed", Map.of(), null);
                measuredTwice("other");
                yield new Asked(
                        POD, "PodFinished", "pod shop/web has failed and what was measured is out of the window");
            }
            case COLLECTORS_OFF -> {
                web("n1");
                agent.collectors(new CollectorReport("cpu", false, "no BTF: /sys/kernel/btf/vmlinux is missing"));
                api.push(agent);
                yield new Asked(
                        POD,
                        "CollectorsOff",
                        "the agent on its node n1 was last heard 0s ago; its collector cpu is off: no BTF:"
                                + " /sys/kernel/btf/vmlinux is missing");
            }
            case COLLECTOR_OFF -> {
                web("n1");
                agent.collectors(
                        new CollectorReport("cpu", true, "tp_btf"), new CollectorReport("tcp", false, "no BTF"));
                measuredTwice("web");
                yield new Asked(
                        CUSTOM + "namespaces/shop/pods/web/kpod_net_tcp_connections_per_second",
                        "CollectorOff",
                        "the collector tcp is off on node n1: no BTF");
            }
            case COLLECTOR_NOT_CHOSEN -> {
                web("n1");
                measuredTwice("web");
                yield new Asked(
                        CUSTOM + "namespaces/shop/pods/web/kpod_mem_oom_kills_per_second",
                        "CollectorNotChosen",
                        "the agent on node n1 does not run the collector oom: choose it by kpod.profile");
            }
            case HOST_OVER_SLOT_LIMIT -> {
                web("n1");
                api.push(agent.overflowed(12));
                yield new Asked(
                        POD,
                        "HostOverSlotLimit",
                        "the agent on its node n1 was last heard 0s ago and had no slot for 12 containers: raise"
                                + " kpod.bpf.max-containers");
            }
            case YOUNGER_THAN_A_PUSH -> {
                api.cluster.born("shop", "web", "u1", "n1", TestApi.NOW.minusSeconds(2));
                measuredTwice("other");
                yield new Asked(
                        POD,
                        "YoungerThanAPush",
                        "pod shop/web is 2s old and the agent on its node n1 was last heard 0s ago; it pushes every 5s");
            }
            case CGROUP_NOT_FOUND -> {
                web("n1");
                measuredTwice("other");
                yield new Asked(
                        POD,
                        "CgroupNotFound",
                        "the agent on its node n1 was last heard 0s ago and has found no cgroup of the pod");
            }
            case NOTHING_MEASURED -> {
                api.cluster.node("n1", Map.of());
                api.push(agent);
                yield new Asked(
                        KERNEL + "nodes/n1",
                        "NothingMeasured",
                        "its agent was last heard 0s ago and had nothing to tell");
            }
            case NOTHING_IN_WINDOW -> {
                web("n1");
                agent.start("shop", "web", "uid-web", "app");
                api.push(agent);
                yield new Asked(
                        CUSTOM + "namespaces/shop/pods/web" + SWITCHES,
                        "NothingInWindow",
                        "nothing was measured in the last 60s, or only one summary has been taken so far");
            }
            case NO_POD_MEASURED -> {
                web("n7");
                yield new Asked(
                        KERNEL + "namespaces/shop/workloads/deployment.web",
                        "NoPodMeasured",
                        "none of its 1 pods is measured; of the first, web: no agent has been heard from its node n7 since"
                                + " this server started 0s ago");
            }
            case PODS_NOT_MEASURED -> {
                web("n1");
                api.cluster.pod("shop", "far", "uid-far", "n7", "Running", Map.of(), SET);
                measuredTwice("web");
                yield new Asked(
                        DEPLOYMENT,
                        "PodsNotMeasured",
                        "1 of its 2 pods can't be told, and the others alone would look like less than it is; far: no agent"
                                + " has been heard from its node n7 since this server started 10s ago");
            }
            case NO_NODE_MEASURED -> {
                api.cluster.node("n1", Map.of()).node("n2", Map.of());
                yield new Asked(
                        CUSTOM + "nodes/*" + SWITCHES,
                        "NoNodeMeasured",
                        "none of 2 nodes has it; of n1: no agent has been heard from it since this server started 0s ago");
            }
        };
    }

    /** The pod of Deployment web, on that node. */
    private void web(String node) {
        api.cluster
                .pod("shop", "web", "uid-web", node, "Running", Map.of("app", "web"), SET)
                .controller(SET, new Owner("Deployment", "shop", "web"));
    }

    private void measuredTwice(String pod) {
        agent.start("shop", pod, "uid-" + pod, "app");
        api.push(agent);
        api.push(agent);
    }
}
