package io.kpod.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server as a process of its own that does not come up. */
@Timeout(60)
class ServerStartTest {
    @TempDir
    Path folder;

    @Test
    void whateverFailsIsOneLineAndExitsWith1() throws Exception {
        Path kubeconfig = Files.writeString(folder.resolve("kubeconfig"), "clusters: [{name: a, cluster: {server: [}]");
        Process process = start(kubeconfig, "--kpod.api.mode=cluster");
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(log().strip().lines())
                .as(log())
                .hasSize(1)
                .first()
                .asString()
                .contains("the api-server can't start: ");
        assertThat(process.exitValue()).isEqualTo(1);
    }

    @Test
    void aPortThatIsTakenIsOneLineAndExitsWith1() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            Process process = start(
                    folder.resolve("none"),
                    "--kpod.api.mode=standalone",
                    "--kpod.api.port=0",
                    "--kpod.api.ingest-port=" + taken.getLocalPort());
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(log().strip().lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("set kpod.api.ingest-port to another");
            assertThat(process.exitValue()).isEqualTo(1);
        }
    }

    @Test
    void aMistakeInTheConfigurationExitsWith2() throws Exception {
        Process process = start(folder.resolve("none"), "--kpod.api.mode=standalone", "--kpod.api.address=999.1.1.1");
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(log().strip().lines())
                .hasSize(1)
                .first()
                .asString()
                .contains("kpod.api.address", "999.1.1.1", "an IP address");
        assertThat(process.exitValue()).isEqualTo(2);
    }

    @Test
    void aSignalDuringTheStartEndsItWith0() throws Exception {
        Path kubeconfig = Files.writeString(folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: a, cluster: {server: "https://127.0.0.1:1"}}]
                users: [{name: a, user: {token: t}}]
                contexts: [{name: a, context: {cluster: a, user: a}}]
                current-context: a
                """);
        Process process = start(kubeconfig, "--kpod.api.mode=cluster");
        await().atMost(Duration.ofSeconds(40)).until(() -> log().contains("trying again"));
        long signal = System.nanoTime();
        process.destroy();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - signal)).isLessThan(Duration.ofSeconds(2));
        assertThat(process.exitValue()).as(log()).isZero();
    }

    private Process start(Path kubeconfig, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                ApiServer.class.getName(),
                "--kpod.api.state-dir=" + folder.resolve("state")));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("KPOD_"));
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        return builder.start();
    }

    private String log() throws Exception {
        return Files.readString(folder.resolve("log"));
    }
}
