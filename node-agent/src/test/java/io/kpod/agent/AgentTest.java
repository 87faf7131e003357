package io.kpod.agent;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.kpod.agent.kernel.CgroupSandbox;
import io.kpod.agent.kernel.RealKernel;
import io.kpod.configuration.ConfigurationException;
import io.kpod.summary.histogram.Schema3;
import io.prometheus.metrics.expositionformats.generated.Metrics;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole stand-alone agent on the running kernel, seen through its page. */
class AgentTest {
    private static final String SWITCHES = "kpod_cpu_context_switches_total";
    private static final String LATENCY = "kpod_cpu_runqueue_latency_seconds";

    private CgroupSandbox sandbox;

    @BeforeEach
    void kernel() throws IOException {
        RealKernel.require();
        sandbox = new CgroupSandbox();
    }

    @AfterEach
    void clean() throws IOException {
        sandbox.close();
    }

    private static Agent start(String... more) throws Exception {
        List<String> arguments = Stream.concat(
                        Stream.of("--kpod.discovery.mode=none", "--kpod.metrics.port=0", "--kpod.node-name=n1"),
                        Stream.of(more))
                .toList();
        return new Agent(AgentSettings.load(arguments, Map.of()));
    }

    /** {@code pod="SHORT ID"}, as the stand-alone agent names a container. */
    private static String pod(Path group) {
        String name = String.valueOf(group.getFileName());
        return "pod=\"" + name.substring("cri-containerd-".length(), "cri-containerd-".length() + 12) + "\"";
    }

    private static long switchesOf(Path group) throws IOException {
        long sum = 0;
        for (long pid : CgroupSandbox.pids(group)) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
                if (line.contains("ctxt_switches")) {
                    sum += Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        }
        return sum;
    }

    @Test
    void theThreeFormatsSayTheSameAndEachIsWhatItsReadersTake() throws Exception {
        try (Agent agent = start()) {
            Path group = sandbox.container();
            sandbox.run(group, "exec perl -e 'select(undef, undef, undef, 0.001) for 1..300; sleep 100'");
            await().atMost(20, SECONDS).until(() -> Scrape.text(agent).sample(SWITCHES, pod(group)) > 250);
            CgroupSandbox.freeze(group);

            Scrape text = Scrape.text(agent);
            Scrape old = Scrape.of(agent, "/actuator/prometheus", Scrape.TEXT);
            Scrape open = Scrape.of(agent, "/metrics", Scrape.OPENMETRICS);
            Scrape protobuf = Scrape.of(agent, "/metrics", Scrape.PROTOBUF);

            assertThat(text.contentType()).startsWith("text/plain");
            assertThat(open.contentType()).startsWith("application/openmetrics-text");
            assertThat(protobuf.contentType()).startsWith("application/vnd.google.protobuf");
            assertThat(old.samples(SWITCHES, pod(group))).isEqualTo(text.samples(SWITCHES, pod(group)));
            assertThat(open.samples(SWITCHES, pod(group))).isEqualTo(text.samples(SWITCHES, pod(group)));
            assertThat(open.page()).endsWith("# EOF\n").containsOnlyOnce("# EOF");
            assertThat(List.of(text, open))
                    .allSatisfy(page ->
                            assertThat(page.types()).doesNotHaveDuplicates().hasSizeGreaterThan(10));
            assertThat(protobuf.families())
                    .extracting(Metrics.MetricFamily::getName)
                    .doesNotHaveDuplicates()
                    .hasSize(text.types().size());
            assertThat(promtool(text.body())).isEmpty();
            // it reads 0.0.4 alone, and there a counter's head would name it as its samples do
            assertThat(promtool(open.body()).lines()).allMatch(said -> said.endsWith("_total no help text"));

            double count = text.sample(LATENCY + "_count", pod(group));
            Metrics.Histogram nativeForm = metric(protobuf, LATENCY, group).getHistogram();
            assertThat(nativeForm.getSchema()).isEqualTo(Schema3.SCHEMA);
            assertThat(nativeForm.getZeroThreshold()).isEqualTo(Math.pow(2, -20));
            assertThat(nativeForm.getSampleCount()).isEqualTo((long) count);
            long inBuckets = nativeForm.getZeroCount();
            long last = 0;
            for (long delta : nativeForm.getPositiveDeltaList()) {
                last += delta;
                inBuckets += last;
            }
            assertThat(inBuckets).isEqualTo((long) count);
            assertThat(text.sample(LATENCY + "_bucket", pod(group), "le=\"+Inf\""))
                    .isEqualTo(count);
            var started = metric(protobuf, SWITCHES, group).getCounter().getCreatedTimestamp();
            assertThat(started.getSeconds())
                    .isBetween(System.currentTimeMillis() / 1000 - 30, System.currentTimeMillis() / 1000);
            assertThat(nativeForm.getCreatedTimestamp()).isEqualTo(started);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Scrape.TEXT, Scrape.OPENMETRICS, Scrape.PROTOBUF})
    void aPageIsCompressedForThoseWhoTakeGzip(String format) throws Exception {
        try (Agent agent = start()) {
            HttpResponse<byte[]> answer = Scrape.request(agent, "/metrics", format, "br;q=1.0, gzip;q=0.8");
            assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
            byte[] page = new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes();
            assertThat(new String(page, StandardCharsets.UTF_8)).contains("kpod_agent_cpu_seconds");
            assertThat(answer.body().length).isLessThan(page.length / 2);
            assertThat(Scrape.request(agent, "/metrics", format, "gzip;q=0")
                            .headers()
                            .map())
                    .doesNotContainKey("content-encoding");
        }
    }

    @Test
    void switchesOnThePageAreThoseThatProcCounts() throws Exception {
        try (Agent agent = start()) {
            Path group = sandbox.container();
            Path other = sandbox.container();
            sandbox.run(other, "while :; do sleep 0.01; done");
            sandbox.run(group, "exec perl -e 'select(undef, undef, undef, 0.002) for 1..5000'");
            await().atMost(20, SECONDS).until(() -> Scrape.text(agent).sample(SWITCHES, pod(group)) > 50);
            CgroupSandbox.freeze(group);
            double before = Scrape.text(agent).sample(SWITCHES, pod(group));
            long truthBefore = switchesOf(group);
            CgroupSandbox.thaw(group);
            CgroupSandbox.pause(800);
            CgroupSandbox.freeze(group);
            assertThat(Scrape.text(agent).sample(SWITCHES, pod(group)) - before)
                    .isEqualTo(switchesOf(group) - truthBefore)
                    .isGreaterThan(100);
        }
    }

    @Test
    void aContainerThatLivesFiftyMillisecondsIsScrapedOnceMoreAndThenGone() throws Exception {
        try (Agent agent = start()) {
            Path group = sandbox.container();
            Process process = sandbox.run(group, "for i in 1 2 3 4 5; do sleep 0.01; done");
            process.waitFor();
            sandbox.remove(group);
            CgroupSandbox.pause(1500);

            double last = Scrape.text(agent).sample(SWITCHES, pod(group));
            assertThat(last).isGreaterThan(8);
            assertThat(Scrape.text(agent).samples(SWITCHES, pod(group))).isEmpty();
        }
    }

    @Test
    void aContainerThatIsStartedAgainUnderItsNameIsShownAfterTheLastCountsOfTheOneBefore() throws Exception {
        try (Agent agent = start()) {
            Path group = sandbox.container();
            sandbox.run(group, "for i in $(seq 60); do sleep 0.001; done").waitFor();
            sandbox.remove(group);
            Files.createDirectory(group);
            sandbox.run(group, "sleep 0.01; exec sleep 100");
            CgroupSandbox.pause(1500);

            Map<String, Double> last = Scrape.text(agent).samples(SWITCHES, pod(group));
            Map<String, Double> again = Scrape.text(agent).samples(SWITCHES, pod(group));
            assertThat(last)
                    .hasSize(1)
                    .allSatisfy((labels, value) -> assertThat(value).isGreaterThan(120));
            assertThat(again)
                    .hasSize(1)
                    .allSatisfy((labels, value) -> assertThat(value).isBetween(1.0, 60.0));
        }
    }

    @Test
    void requestsThatAreNeverFinishedDoNotKeepTheKubeletOut() throws Exception {
        List<Socket> halfSaid = new ArrayList<>();
        try (Agent agent = start()) {
            for (int i = 0; i < 50; i++) {
                Socket socket = new Socket("127.0.0.1", agent.metricsPort());
                socket.getOutputStream().write("GET /m".getBytes(StandardCharsets.US_ASCII));
                halfSaid.add(socket);
            }
            assertThat(Scrape.of(agent, "/healthz", "*/*").page()).isEqualTo("ok\n");
        } finally {
            for (Socket socket : halfSaid) {
                socket.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--kpod.push.endpoints=https://a b:1",
                "--kpod.push.endpoints=http://a:1",
                "--kpod.push.endpoints=https://a:70000",
                "--kpod.filter.label-selector=app=x",
                "--kpod.push.service=not-a-name",
            })
    void aSettingThatCannotBeIsAMistakeThatNamesItsKey(String setting) {
        String key = setting.substring(2, setting.indexOf('='));
        assertThatThrownBy(() -> start(setting))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        mistakes -> assertThat(mistakes.mistakes())
                                .anySatisfy(mistake -> assertThat(mistake).contains(key))
                                .allSatisfy(mistake -> assertThat(mistake).doesNotContain("\n")));
    }

    @Test
    void aTakenPortAndWhatToDoAboutItAreNamedInOneLine() throws Exception {
        try (Agent agent = start()) {
            assertThatThrownBy(() -> start("--kpod.metrics.port=" + agent.metricsPort()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll(":" + agent.metricsPort(), "kpod.metrics.port")
                    .message()
                    .doesNotContain("\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--kpod.bpf.enabled=false", "--kpod.cgroup.root=/proc", "--kpod.bpf.program-dir=/nowhere"})
    void whatTheKernelSideLacksIsAStateWithAReasonAndTheRestGoesOn(String setting) throws Exception {
        try (Agent agent = start(setting)) {
            Scrape page = Scrape.text(agent);
            assertThat(page.samples("kpod_collector_state", "collector=\"cpu\"", "state=\"off\""))
                    .hasSize(1)
                    .allSatisfy((labels, value) -> {
                        assertThat(labels).containsPattern("reason=\"[^\"]{15,}\"");
                        assertThat(value).isZero();
                    });
        }
    }

    private static Metrics.Metric metric(Scrape protobuf, String name, Path group) throws IOException {
        return protobuf.families().stream()
                .filter(family -> family.getName().equals(name))
                .flatMap(family -> family.getMetricList().stream())
                .filter(metric -> metric.getLabelList().stream()
                        .anyMatch(label -> ("pod=\"" + label.getValue() + "\"").equals(pod(group))))
                .findFirst()
                .orElseThrow();
    }

    /** What Prometheus' own linter has to say. */
    private static String promtool(byte[] page) throws IOException, InterruptedException {
        Process lint = new ProcessBuilder("promtool", "check", "metrics")
                .redirectErrorStream(true)
                .start();
        lint.getOutputStream().write(page);
        lint.getOutputStream().close();
        String said = new String(lint.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        lint.waitFor();
        return said;
    }
}
