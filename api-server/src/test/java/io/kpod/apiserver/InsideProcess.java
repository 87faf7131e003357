package io.kpod.apiserver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Java program of the tests in the control plane's network. */
final class InsideProcess implements AutoCloseable {
    private final Process process;
    private final Path log;

    /**
     * Starts it.
     *
     * @param hosts names and addresses, in place of a DNS that is not there
     * @param token what it is to the kube-apiserver
     */
    InsideProcess(ControlPlane cluster, Path folder, Path hosts, String token, Class<?> program, List<String> arguments)
            throws Exception {
        log = Files.createTempFile(folder, program.getSimpleName(), ".log");
        Path kubeconfig = Files.writeString(
                folder.resolve("kubeconfig-" + program.getSimpleName()), ServerProcess.kubeconfig(cluster, token));
        List<String> command = cluster.inside(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djdk.net.hosts.file=" + hosts,
                "-cp",
                System.getProperty("java.class.path"),
                program.getName());
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        process = builder.start();
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
