package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kpod.apiserver.window.TestAgent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the whole server says of itself, after one agent, one bad summary, one request and one watch. */
@Timeout(120)
class OwnMetricsTest {
    private static final Pattern UP = Pattern.compile("is up: https://.*:\\d+, agents push to port (\\d+)");

    @TempDir
    Path folder;

    @Test
    void tellOfRequestsNodesStoreWatchesPushesAndTheCertificate() throws Exception {
        Path log = folder.resolve("log");
        List<Process> running = new ArrayList<>();
        try {
            ProcessBuilder server = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx128m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            ApiServer.class.getName(),
                            "--kpod.api.mode=standalone",
                            "--kpod.api.port=0",
                            "--kpod.api.ingest-port=0",
                            "--kpod.api.state-dir=" + folder.resolve("state"))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            server.environment().keySet().removeIf(name -> name.startsWith("KPOD_"));
            running.add(server.start());
            await().atMost(Duration.ofSeconds(40))
                    .until(() -> UP.matcher(Files.readString(log)).find());
            Matcher up = UP.matcher(Files.readString(log));
            assertThat(up.find()).isTrue();
            TestAgent agent = new TestAgent("n1");
            agent.start("shop", "web", "u1", "app");
            assertThat(push(up.group(1), agent.next(TestApi.PUSH))).isEqualTo("200");
            assertThat(push(up.group(1), new byte[] {1, 2, 3})).isEqualTo("400");
            running.add(kubectl("get", "pkm", "-n", "shop", "-w"));
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> metrics().contains("kpod_api_watches 1.0\n"));
            assertThat(metrics())
                    .containsPattern(
                            "kpod_api_request_duration_seconds_count\\{code=\"200\",group=\"kernelmetrics.kpod.io\",resource=\"pods\",verb=\"list\"} 1\n")
                    .containsPattern("kpod_api_node_freshness_seconds\\{node=\"n1\"} [0-9]{1,2}\\.[0-9]+\n")
                    .contains("kpod_api_nodes 1.0\n", "kpod_api_nodes_heard 1.0\n")
                    .containsPattern("kpod_api_store_size_bytes [0-9]")
                    .containsPattern("kpod_api_store_series [1-9]")
                    .contains(
                            "kpod_ingest_summaries_total{outcome=\"applied\"} 1.0\n",
                            "kpod_ingest_summaries_total{outcome=\"BadRequest\"} 1.0\n")
                    .containsPattern("kpod_ingest_bytes_total [1-9]")
                    .containsPattern("kpod_api_certificate_expiry_seconds [1-9]");
        } finally {
            running.forEach(Process::destroyForcibly);
        }
    }

    private String metrics() throws Exception {
        return output(kubectl("get", "--raw", "/metrics"));
    }

    private Process kubectl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "kubectl",
                "--kubeconfig=" + folder.resolve("state/kubeconfig"),
                "--cache-dir=" + folder.resolve("cache")));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private String push(String port, byte[] summary) throws Exception {
        return output(new ProcessBuilder(
                        "curl",
                        "-s",
                        "--cacert",
                        folder.resolve("state/ca.crt").toString(),
                        "-H",
                        "Authorization: Bearer "
                                + Files.readString(folder.resolve("state/agent-token"))
                                        .strip(),
                        "-H",
                        "Content-Type: application/x-protobuf",
                        "--data-binary",
                        "@" + Files.write(folder.resolve("summary"), summary),
                        "-o",
                        folder.resolve("answer").toString(),
                        "-w",
                        "%{http_code}",
                        "https://127.0.0.1:" + port + "/ingest/v1/summaries")
                .redirectErrorStream(true)
                .start());
    }

    private static String output(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return output;
    }
}
