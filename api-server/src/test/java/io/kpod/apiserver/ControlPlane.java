package io.kpod.apiserver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/**
 * A real kube-apiserver with etcd and its controllers, from hack/controlplane, in a network namespace. Where none can
 * be had the test is skipped and says so; in CI ({@code CI=true}) it must be had. {@code
 * -Dkpod.test.control-plane=STATE:NETNS} takes one that runs already.
 */
final class ControlPlane {
    /** Where servers inside the namespace are reached; loopback is refused in an EndpointSlice. */
    static final String ADDRESS = "10.88.0.1";

    /** What a command said. */
    record Result(int exit, String out, String error) {}

    private static final boolean CI = "true".equals(System.getenv("CI"));
    private static final String RUNNING = "kpod.test.control-plane";

    private final Path state;
    private final String namespace;
    private final boolean started;

    private ControlPlane(Path state, String namespace, boolean started) {
        this.state = state;
        this.namespace = namespace;
        this.started = started;
    }

    static ControlPlane start() throws Exception {
        String running = System.getProperty(RUNNING);
        if (running != null) {
            String[] parts = running.split(":", 2);
            return new ControlPlane(Path.of(parts[0]), parts[1], false);
        }
        Path script = project().resolve("hack/controlplane/cluster");
        if (!"root".equals(System.getProperty("user.name"))) {
            throw unavailable("it needs root");
        }
        if (!Files.isExecutable(cache().resolve("kube/kube"))) {
            if (!CI) {
                throw unavailable("its programs are not built: " + script + " build (9 minutes the first time)");
            }
            check(run(List.of(script.toString(), "build"), 1800));
        }
        Result up = run(List.of(script.toString(), "control"), 300);
        if (up.exit() != 0) {
            throw unavailable(up.error().strip());
        }
        String namespace = Objects.requireNonNullElse(System.getenv("KPOD_CLUSTER_NETNS"), "kpod");
        return new ControlPlane(project().resolve(".run/cluster"), namespace, true);
    }

    /** The checkout. */
    static Path project() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.exists(at.resolve("hack/controlplane/cluster"))) {
                return at;
            }
        }
        throw new IllegalStateException(
                "no hack/controlplane above " + Path.of("").toAbsolutePath());
    }

    /** A file of the cluster's keys and certificates. */
    Path pki(String name) {
        return state.resolve("pki").resolve(name);
    }

    /** The administrator's kubeconfig. */
    String kubeconfig() throws IOException {
        return Files.readString(kubeconfigFile());
    }

    /** Where it is. */
    Path kubeconfigFile() {
        return state.resolve("kubeconfig");
    }

    /** What kubectl prints; fails if it does. */
    String kubectl(String... arguments) throws Exception {
        return check(tryKubectl(arguments));
    }

    Result tryKubectl(String... arguments) throws Exception {
        return run(kubectlCommand(arguments), 60);
    }

    /** A command line of kubectl that runs in the cluster's network. */
    List<String> kubectlCommand(String... arguments) {
        List<String> command =
                inside(cache().resolve("kube/kubectl").toString(), "--kubeconfig=" + state.resolve("kubeconfig"));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Applies a manifest given as text. */
    void apply(Path folder, String manifest) throws Exception {
        Path file = Files.writeString(Files.createTempFile(folder, "manifest", ".yaml"), manifest);
        kubectl("apply", "-f", file.toString());
    }

    /** An HTTP request from inside; the code stands in the last line of {@code out}. */
    Result curl(String... arguments) throws Exception {
        List<String> command = inside("curl", "-sk", "--max-time", "20", "-w", "\n%{http_code}");
        command.addAll(List.of(arguments));
        return run(command, 30);
    }

    /** A Java program of this class path, run to its end inside. */
    Result java(Class<?> program, String... arguments) throws Exception {
        List<String> command = inside(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName());
        command.addAll(List.of(arguments));
        return run(command, 60);
    }

    /** A command line that runs in the cluster's network. */
    List<String> inside(String... command) {
        List<String> whole = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + namespace));
        whole.addAll(List.of(command));
        return whole;
    }

    /** Ends it, if it was started here. */
    void stop() throws Exception {
        if (started) {
            check(run(List.of(project().resolve("hack/controlplane/cluster").toString(), "down"), 120));
        }
    }

    private static Path cache() {
        String home = Objects.requireNonNullElse(
                System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home") + "/.cache");
        return Path.of(home, "kpod");
    }

    private static RuntimeException unavailable(String why) {
        String message = "NOT RUN: no control plane to test against: " + why;
        if (CI) {
            throw new AssertionError(message);
        }
        System.err.println(message);
        return new TestAbortedException(message);
    }

    private static String check(Result result) {
        if (result.exit() != 0) {
            throw new AssertionError("exit " + result.exit() + ": " + result.error() + result.out());
        }
        return result.out();
    }

    private static Result run(List<String> command, int seconds) throws Exception {
        Path out = Files.createTempFile("kpod", ".out");
        Path error = Files.createTempFile("kpod", ".err");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(error.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end in " + seconds + " s");
            }
            return new Result(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(error, StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
            Files.delete(error);
        }
    }
}
