package io.kpod.apiserver.kernelmetrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.apiserver.TestApi;
import io.kpod.apiserver.inventory.Owner;
import io.kpod.apiserver.window.TestAgent;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class WorkloadsResourceTest {
    private static final String WORKLOADS = "/apis/kernelmetrics.kpod.io/v1beta1/namespaces/shop/workloads";

    private final TestApi api = new TestApi();
    private final TestAgent agent = new TestAgent("n1");

    @AfterEach
    void stop() {
        api.close();
    }

    /** What owns the two pods, and what owns that, if anything does. */
    @ParameterizedTest
    @CsvSource({
        "ReplicaSet,  web-1,  Deployment, web,  deployment.web",
        "ReplicaSet,  web-1,  Rollout,    web,  rollout.web",
        "ReplicaSet,  alone,  ,           ,     replicaset.alone",
        "StatefulSet, db,     ,           ,     statefulset.db",
        "DaemonSet,   logs,   ,           ,     daemonset.logs",
        "Job,         once,   ,           ,     job.once",
        "Job,         tick-9, CronJob,    tick, cronjob.tick",
        "Database,    pg,     ,           ,     database.pg",
    })
    void aWorkloadIsTheTopControllerOfItsPods(String kind, String name, String topKind, String topName, String key)
            throws Exception {
        Owner owner = new Owner(kind, "shop", name);
        Owner top = topKind == null ? owner : new Owner(topKind, "shop", topName);
        if (topKind != null) {
            api.cluster.controller(owner, top);
        }
        api.cluster.workload(top, "uid-top", Map.of("team", "blue"));
        TestAgent.Container[] containers = new TestAgent.Container[2];
        for (int i = 0; i < containers.length; i++) {
            api.cluster.pod("shop", "p" + i, "u" + i, "n1", "Running", Map.of("pod", "" + i), owner);
            containers[i] = agent.start("shop", "p" + i, "u" + i, "app");
        }
        api.push(agent);
        containers[0].count(100, 0, 0, 0);
        containers[1].count(50, 0, 0, 0);
        api.push(agent);
        JsonNode workload = api.json(WORKLOADS + "/" + key);
        assertThat(workload.at("/kind").asString()).isEqualTo("WorkloadKernelMetrics");
        assertThat(workload.at("/workload").toString())
                .isEqualTo("{\"kind\":\"" + top.kind() + "\",\"name\":\"" + top.name() + "\"}");
        assertThat(workload.at("/metadata/name").asString()).isEqualTo(key);
        assertThat(workload.at("/metadata/labels").toString()).isEqualTo("{\"team\":\"blue\"}");
        assertThat(workload.at("/pods").toString()).isEqualTo("{\"all\":2,\"measured\":2}");
        assertThat(workload.at("/total/cpu/contextSwitches").toString()).isEqualTo("{\"total\":150,\"rate\":\"30\"}");
        assertThat(api.json(WORKLOADS + "?labelSelector=team%3Dblue").at("/items"))
                .hasSize(1);
        assertThat(api.json(WORKLOADS + "?labelSelector=pod%3D0").at("/items")).isEmpty();
    }
}
