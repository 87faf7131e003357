package io.kpod.apiserver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * The api-server as its users start it: a process of its own, in the control plane's network, with its ServiceAccount's
 * token.
 */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final int port;

    ServerProcess(ControlPlane cluster, Path folder, String token, int port, int ingestPort) throws Exception {
        this(cluster, folder, token, port, ingestPort, List.of(), List.of());
    }

    /**
     * Starts it with more.
     *
     * @param options of the Java machine
     * @param settings beside those of the place
     */
    ServerProcess(
            ControlPlane cluster,
            Path folder,
            String token,
            int port,
            int ingestPort,
            List<String> options,
            List<String> settings)
            throws Exception {
        this.port = port;
        this.log = Files.createTempFile(folder, "server", ".log");
        Path kubeconfig = folder.resolve("kubeconfig-" + port);
        Files.writeString(kubeconfig, kubeconfig(cluster, token));
        List<String> command = cluster.inside(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m");
        command.addAll(options);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                ApiServer.class.getName(),
                "--kpod.api.mode=cluster",
                "--kpod.api.port=" + port,
                "--kpod.api.ingest-port=" + ingestPort,
                "--kpod.api.pod-ip=" + ControlPlane.ADDRESS));
        if (settings.stream().noneMatch(setting -> setting.startsWith("--kpod.api.ready-bound="))) {
            command.add("--kpod.api.ready-bound=0");
        }
        command.addAll(settings);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("KPOD_"));
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        this.process = builder.start();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> log().contains("api-server is up") || !process.isAlive());
        if (!process.isAlive()) {
            throw new AssertionError("the server ended: " + log());
        }
    }

    /** The administrator's kubeconfig with a token in place of the certificate. */
    static String kubeconfig(ControlPlane cluster, String token) throws IOException {
        return cluster.kubeconfig()
                .replaceAll("user: \\{client-certificate-data: [^}]*\\}", "user: {token: " + token + "}");
    }

    int port() {
        return port;
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** Sends SIGTERM and waits; the exit code. */
    int end() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            throw new AssertionError("still there 10 s after SIGTERM");
        }
        return process.exitValue();
    }

    /** Sends SIGTERM and does not wait. */
    Process terminate() {
        process.destroy();
        return process;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
