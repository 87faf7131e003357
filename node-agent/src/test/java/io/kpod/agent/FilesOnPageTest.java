package io.kpod.agent;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.agent.collector.Target;
import io.kpod.agent.collector.files.ResourceSandbox;
import io.kpod.agent.kernel.Load;
import io.kpod.agent.kernel.RealKernel;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What files tell of, on the page of a whole agent that runs no kernel program. */
class FilesOnPageTest {
    private static final String USAGE = "kpod_cpu_usage_seconds_total";
    private static final String RECEIVED = "kpod_net_iface_rx_bytes_total";
    private static final long MIB = 1024 * 1024;

    private ResourceSandbox sandbox;

    @BeforeEach
    void kernel() throws IOException {
        RealKernel.require();
        sandbox = new ResourceSandbox();
    }

    @AfterEach
    void clean() throws IOException {
        sandbox.close();
    }

    private static Agent start() throws Exception {
        return new Agent(AgentSettings.load(
                List.of(
                        "--kpod.discovery.mode=none",
                        "--kpod.metrics.port=0",
                        "--kpod.node-name=n1",
                        "--kpod.bpf.enabled=false",
                        "--kpod.poll-interval=1000"),
                Map.of()));
    }

    private static String pod(Target.OfContainer container) {
        String leaf = container.cgroup().substring(container.cgroup().lastIndexOf('/') + 1);
        return "pod=\"" + leaf.substring("cri-containerd-".length(), "cri-containerd-".length() + 12) + "\"";
    }

    @Test
    void withoutKernelProgramsContainersComeAndGoAndHaveTheirFigures() throws Exception {
        Target.OfContainer before = sandbox.container();
        sandbox.limitMemory(before, 64 * MIB);
        sandbox.run(before, "exec '" + Load.program("resources") + "' memory " + 8 * MIB);
        try (Agent agent = start()) {
            await().atMost(20, SECONDS)
                    .untilAsserted(() -> assertThat(Scrape.text(agent).sample("kpod_mem_limit_bytes", pod(before)))
                            .isEqualTo(64 * MIB));
            Target.OfContainer busy = sandbox.container();
            sandbox.run(
                    busy,
                    "exec unshare --net bash -c 'ip link add eth0 type veth peer name eth1; exec "
                            + Load.program("resources") + " spin'");

            // a page may come between the reading of a container's files and of its pod's
            await().atMost(20, SECONDS).untilAsserted(() -> {
                Scrape page = Scrape.text(agent);
                assertThat(page.sample(USAGE, pod(busy))).isGreaterThan(0.5);
                assertThat(page.samples(RECEIVED, pod(busy), "interface=\"eth0\"", "container=\"\""))
                        .hasSize(1);
            });
            Scrape page = Scrape.text(agent);
            assertThat(page.sample(USAGE, pod(before))).isLessThan(0.5);
            assertThat(page.samples("kpod_mem_limit_bytes", pod(busy))).isEmpty();
            assertThat(page.samples(RECEIVED, pod(before))).isEmpty();
            assertThat(page.samples("kpod_fs_capacity_bytes", "pod=\"host\"", "mountpoint=\"/\""))
                    .hasSize(1);
            assertThat(page.sample("kpod_collector_state", "collector=\"cgroup\"", "state=\"running\""))
                    .isOne();
            assertThat(page.sample("kpod_collector_state", "collector=\"cpu\"", "state=\"off\""))
                    .isZero();
            assertThat(page.samples("kpod_cpu_context_switches_total")).isEmpty();

            sandbox.remove(busy);

            await().atMost(20, SECONDS)
                    .untilAsserted(() -> assertThat(Scrape.text(agent).samples(USAGE, pod(busy)))
                            .isEmpty());
        }
    }
}
