package io.kpod.agent.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The groups of a sandbox's containers that have the controllers for memory and block devices: those of cgroup v2, or, where
 * v1 has a controller, groups of the same path in its hierarchy. Closing removes what was made; close the sandbox before.
 */
public final class ControllerGroups implements AutoCloseable {
    private static final String MEMORY = "memory";
    private static final String IO = "io";
    private static final long PATIENCE_MILLIS = 5_000;

    private final Path v2;

    /** Of controllers that v1 has, the hierarchy's root. */
    private final Map<String, Path> v1 = new LinkedHashMap<>();

    private final List<Path> made = new ArrayList<>();

    /** Gives the sandbox's containers the controllers that v2 has. */
    public ControllerGroups(CgroupSandbox sandbox) throws IOException {
        v2 = RealKernel.tree().root();
        List<String> here = Arrays.asList(
                Files.readString(v2.resolve("cgroup.controllers")).strip().split(" "));
        for (String controller : List.of(MEMORY, IO)) {
            if (here.contains(controller)) {
                enable(sandbox.outside(), controller);
            } else {
                v1.put(controller, v2.resolveSibling(controller.equals(IO) ? "blkio" : controller));
            }
        }
    }

    private void enable(Path group, String controller) throws IOException {
        // from the root down, else the group does not have the controller to give
        if (!group.equals(v2)) {
            enable(group.getParent(), controller);
        }
        Files.writeString(group.resolve("cgroup.subtree_control"), "+" + controller);
    }

    /** The directory of v2 that has this path in its hierarchy. */
    public Path group(String inHierarchy) {
        return Path.of(v2 + inHierarchy);
    }

    /** Whether the machine has v1's controllers beside v2. */
    public boolean mixed() {
        return !v1.isEmpty();
    }

    /** The group's directory in the hierarchy that has memory's controller. */
    public Path memory(Path group) throws IOException {
        return in(MEMORY, group);
    }

    /** The group's directory in the hierarchy that has the controller of block devices. */
    public Path io(Path group) throws IOException {
        return in(IO, group);
    }

    /** All the group's directories, v2's first, as the loads take them. */
    public String list(Path group) throws IOException {
        return Stream.of(group, memory(group), io(group))
                .distinct()
                .map(Path::toString)
                .collect(Collectors.joining(","));
    }

    /** Commands by which a shell, already in the group, enters the others. */
    public String join(Path group) throws IOException {
        return "echo $$ > '" + memory(group) + "/cgroup.procs' && echo $$ > '" + io(group) + "/cgroup.procs' && ";
    }

    /** Limits the memory of the group, all below it included; swap is not to help. */
    public void limitMemory(Path group, long bytes) throws IOException {
        Path directory = memory(group);
        if (v1.containsKey(MEMORY)) {
            Files.writeString(directory.resolve("memory.limit_in_bytes"), Long.toString(bytes));
            return;
        }
        Files.writeString(directory.resolve("memory.max"), Long.toString(bytes));
        if (Files.exists(directory.resolve("memory.swap.max"))) {
            Files.writeString(directory.resolve("memory.swap.max"), "0");
        }
    }

    /** How many of the group's processes the OOM killer killed, as the kernel counts them. */
    public long oomKills(Path group) throws IOException {
        Path file = memory(group).resolve(v1.containsKey(MEMORY) ? "memory.oom_control" : "memory.events");
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith("oom_kill "))
                .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length())))
                .sum();
    }

    /**
     * How many requests of all block devices the kernel counts for the group: io.stat, or v1's blkio.throttle.io_serviced.
     *
     * @param operation read or write
     */
    public long requests(Path group, String operation) throws IOException {
        if (v1.containsKey(IO)) {
            String field = operation.equals("read") ? " Read " : " Write ";
            return Files.readAllLines(io(group).resolve("blkio.throttle.io_serviced_recursive")).stream()
                    .filter(line -> line.contains(field))
                    .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
        String field = operation.charAt(0) + "ios=";
        return Files.readAllLines(group.resolve("io.stat")).stream()
                .flatMap(line -> Stream.of(line.split(" ")))
                .filter(part -> part.startsWith(field))
                .mapToLong(part -> Long.parseLong(part.substring(field.length())))
                .sum();
    }

    @Override
    public void close() throws IOException {
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        for (Path directory : made.reversed()) {
            // another run of these tests may have groups in the topmost
            boolean shared = v1.containsValue(directory.getParent());
            while (Files.exists(directory)) {
                try {
                    Files.delete(directory);
                } catch (IOException e) { // its processes are still ending
                    if (shared) {
                        break;
                    }
                    if (System.nanoTime() > deadline) {
                        throw e;
                    }
                    CgroupSandbox.pause(5);
                }
            }
        }
        made.clear();
    }

    private Path in(String controller, Path group) throws IOException {
        Path root = v1.get(controller);
        if (root == null) {
            return group;
        }
        Path directory = root.resolve(v2.relativize(group));
        make(root, directory);
        return directory;
    }

    private void make(Path root, Path directory) throws IOException {
        if (!directory.equals(root) && !Files.exists(directory)) {
            make(root, directory.getParent());
            Files.createDirectory(directory);
            made.add(directory);
        }
    }
}
