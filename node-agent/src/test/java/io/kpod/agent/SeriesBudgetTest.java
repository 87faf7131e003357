package io.kpod.agent;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.agent.collector.Target;
import io.kpod.agent.collector.files.ResourceSandbox;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.agent.kernel.TestDisk;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.prometheus.metrics.expositionformats.generated.Metrics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How many series a pod has on a real agent's page, distributions as native histograms: a pod with one container, one device that
 * it reads and writes, one interface, one mounted volume and a limit of its memory.
 */
class SeriesBudgetTest {
    /** $1: a process in the network namespace that the other end of the interface goes to, $2: a file on a disk, $3: a folder. */
    private static final String CONTAINER = """
        set -e
        mount -t tmpfs -o size=1m none "$3"
        ip link add eth0 type veth peer name eth1 netns "$1"
        dd if="$2" of=/dev/null bs=4k count=8 iflag=direct status=none
        dd if=/dev/zero of="$2" bs=4k count=8 oflag=direct conv=notrunc status=none
        echo ready
        while :; do sleep 0.1; done
        """;

    private ResourceSandbox sandbox;

    @BeforeEach
    void open() throws Exception {
        RealKernel.require();
        sandbox = new ResourceSandbox();
    }

    @AfterEach
    void close() throws Exception {
        sandbox.close();
    }

    @ParameterizedTest
    @CsvSource({"minimal, 23", "standard, 44", "comprehensive, 74"})
    void aPodHasAsManySeriesAsIsSaid(String profile, int said, @TempDir Path volume) throws Exception {
        List<String> arguments =
                List.of("--kpod.discovery.mode=none", "--kpod.metrics.port=0", "--kpod.profile=" + profile);
        AgentSettings settings = AgentSettings.load(arguments, Map.of());
        List<String> expected = Catalogue.METRICS.stream()
                .filter(metric -> settings.collectors().contains(metric.collector()))
                .map(Metric::prometheusName)
                .toList();
        try (TestDisk disk = new TestDisk();
                Agent agent = new Agent(settings)) {
            Target.OfContainer container = sandbox.container();
            sandbox.limitMemory(container, 256 << 20);
            Process outside = sandbox.runOutside("exec unshare --net bash -c 'echo ready; exec sleep 1000'");
            ResourceSandbox.awaitReady(outside);
            Path file = disk.file("series", 8 * 4096);
            ResourceSandbox.awaitReady(sandbox.run(
                    container,
                    "exec unshare --net --mount bash -c '" + CONTAINER + "' container " + outside.pid() + " " + file
                            + " " + volume));

            String pod = container.name().containerId();
            String shortId = pod.substring(pod.lastIndexOf('-') + 1).substring(0, 12);
            await().atMost(20, SECONDS)
                    .untilAsserted(() -> assertThat(series(agent, shortId)).containsOnlyKeys(expected));
            Map<String, List<String>> series = series(agent, shortId);
            assertThat(series.values().stream().mapToInt(List::size).sum())
                    .as(series.toString())
                    .isEqualTo(said)
                    .isEqualTo(MetricsDocumentTest.series(Profile.valueOf(profile.toUpperCase(Locale.ROOT))));
        }
    }

    /** The pod's series by metric: each one's labels. */
    private static Map<String, List<String>> series(Agent agent, String pod) throws Exception {
        Map<String, List<String>> series = new TreeMap<>();
        for (Metrics.MetricFamily family :
                Scrape.of(agent, "/metrics", Scrape.PROTOBUF).families()) {
            for (Metrics.Metric metric : family.getMetricList()) {
                if (metric.getLabelList().stream()
                        .anyMatch(label -> label.getValue().equals(pod))) {
                    series.computeIfAbsent(family.getName(), name -> new ArrayList<>())
                            .add(metric.getLabelList().stream()
                                    .map(label -> label.getName() + "=" + label.getValue())
                                    .toList()
                                    .toString());
                }
            }
        }
        return series;
    }
}
