package io.kpod.agent.collector.files;

import io.kpod.agent.collector.Target;
import io.kpod.agent.container.CgroupPath;
import io.kpod.agent.container.ContainerName;
import io.kpod.agent.kernel.CgroupSandbox;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Simulated containers with controllers: in v2 where that has them, else in v1's hierarchies too, under the same path, as
 * a runtime makes them on this machine.
 */
public final class ResourceSandbox implements AutoCloseable {
    private static final Path MOUNT = Path.of("/sys/fs/cgroup");
    private static final List<String> V1 = List.of("cpu", "cpuacct", "memory", "blkio");

    private static final int ATTEMPTS = 200;

    private final CgroupSandbox sandbox;
    private final Hierarchies hierarchies;

    /** Each v1 hierarchy once, though several controllers may be in it. */
    private final Set<Path> v1Roots = new LinkedHashSet<>();

    /** In v1 hierarchies, parents first. */
    private final List<Path> made = new ArrayList<>();

    private final List<Process> processes = new ArrayList<>();
    private int lastRef;

    public ResourceSandbox() throws IOException {
        hierarchies = Hierarchies.find(MOUNT);
        sandbox = new CgroupSandbox();
        for (String controller : V1) {
            Path root = hierarchies.v1(controller);
            if (root != null) {
                v1Roots.add(root.toRealPath());
            }
        }
        enable(hierarchies.v2());
        enable(sandbox.outside().getParent());
        enable(sandbox.outside());
    }

    /** Where the controllers are. */
    public Hierarchies hierarchies() {
        return hierarchies;
    }

    /** A container of a pod of its own. */
    public Target.OfContainer container() throws IOException {
        String path = sandbox.inHierarchy(sandbox.container());
        for (Path root : v1Roots) {
            make(root, Path.of(root + path));
        }
        int ref = ++lastRef;
        ContainerName name = new ContainerName("test", "pod" + ref, "uid" + ref, "main", path);
        return new Target.OfContainer(ref, name, CgroupPath.parse(path), path);
    }

    /** The group's directory in the hierarchy that has the controller. */
    public Path group(Target.OfContainer container, String controller) {
        Path v1 = hierarchies.inV2(controller) ? null : hierarchies.v1(controller.equals("io") ? "blkio" : controller);
        return Path.of((v1 == null ? hierarchies.v2() : v1) + container.cgroup());
    }

    /** Limits CPU time to {@code quotaMicros} in every {@code periodMicros}. */
    public void limitCpu(Target.OfContainer container, long quotaMicros, long periodMicros) throws IOException {
        Path group = group(container, "cpu");
        if (hierarchies.inV2("cpu")) {
            Files.writeString(group.resolve("cpu.max"), quotaMicros + " " + periodMicros);
        } else {
            Files.writeString(group.resolve("cpu.cfs_period_us"), Long.toString(periodMicros));
            Files.writeString(group.resolve("cpu.cfs_quota_us"), Long.toString(quotaMicros));
        }
    }

    /** Limits memory. */
    public void limitMemory(Target.OfContainer container, long bytes) throws IOException {
        Files.writeString(
                group(container, "memory").resolve(hierarchies.inV2("memory") ? "memory.max" : "memory.limit_in_bytes"),
                Long.toString(bytes));
    }

    /** Runs a bash script in the container, in all hierarchies. */
    public Process run(Target.OfContainer container, String script) throws IOException {
        StringBuilder joining = new StringBuilder();
        List<Path> roots = new ArrayList<>(v1Roots);
        roots.add(hierarchies.v2());
        for (Path root : roots) {
            joining.append("echo $$ > '")
                    .append(root)
                    .append(container.cgroup())
                    .append("/cgroup.procs' && ");
        }
        Process process = new ProcessBuilder("bash", "-c", joining + script)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        return process;
    }

    /** Runs a bash script outside any container. */
    public Process runOutside(String script) throws IOException {
        Process process = new ProcessBuilder("bash", "-c", script)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        return process;
    }

    /** Makes a group below the container's, in the hierarchy that has the controller. */
    public Path nested(Target.OfContainer container, String controller, String name) throws IOException {
        Path group = Files.createDirectory(group(container, controller).resolve(name));
        if (!group.startsWith(hierarchies.v2())) {
            made.add(group);
        }
        return group;
    }

    /** Waits until a process says that it is ready. */
    public static void awaitReady(Process process) throws IOException {
        BufferedReader output = process.inputReader();
        for (@Nullable String line = output.readLine(); !"ready".equals(line); line = output.readLine()) {
            if (line == null) {
                throw new IOException("the load has ended and was not ready");
            }
        }
    }

    /** Stops all processes of the container, and waits until they are off the CPU. */
    public void freeze(Target.OfContainer container) throws IOException {
        CgroupSandbox.freeze(v2(container));
    }

    /** Lets them go on. */
    public void thaw(Target.OfContainer container) throws IOException {
        CgroupSandbox.thaw(v2(container));
    }

    /** The container's processes. */
    public List<Long> pids(Target.OfContainer container) throws IOException {
        return CgroupSandbox.pids(v2(container));
    }

    /** The container's group in v2. */
    public Path v2(Target.OfContainer container) {
        return Path.of(hierarchies.v2() + container.cgroup());
    }

    /** Ends the container, as a runtime does. */
    public void remove(Target.OfContainer container) throws IOException {
        sandbox.remove(v2(container));
        for (Path root : v1Roots) {
            Files.deleteIfExists(Path.of(root + container.cgroup()));
        }
    }

    @Override
    public void close() throws IOException {
        processes.forEach(Process::destroyForcibly);
        sandbox.close();
        for (Path group : made.reversed()) {
            boolean shared = v1Roots.contains(group.getParent());
            if (Files.exists(group)) {
                delete(group, shared ? 1 : ATTEMPTS);
            }
        }
    }

    /** @param attempts 1: another run of these tests may have groups in it, which then stays */
    private static void delete(Path group, int attempts) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                Files.deleteIfExists(group);
                return;
            } catch (IOException e) { // its processes are still ending
                if (attempts == 1) {
                    return;
                }
                if (attempt == attempts) {
                    throw e;
                }
                CgroupSandbox.pause(10);
            }
        }
    }

    private void make(Path root, Path group) throws IOException {
        if (!group.equals(root) && !Files.exists(group)) {
            make(root, group.getParent());
            Files.createDirectory(group);
            made.add(group);
        }
    }

    /** Gives the controllers to the groups below. */
    private void enable(Path group) throws IOException {
        for (String controller : List.of("cpu", "memory", "io")) {
            if (hierarchies.inV2(controller)) {
                Files.writeString(group.resolve("cgroup.subtree_control"), "+" + controller);
            }
        }
    }
}
