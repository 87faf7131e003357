package io.kpod.agent.kernel;

import io.kpod.agent.kernel.ContainerSlots.Slot;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A subtree of cgroups of its own, with simulated containers in it; closing ends their processes and removes the
 * groups. Touches no other.
 */
public final class CgroupSandbox implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path top;
    private final Path slice;
    private final boolean madeTop;
    private final List<Process> processes = new ArrayList<>();

    public CgroupSandbox() throws IOException {
        top = RealKernel.tree().root().resolve("kubepods.slice");
        madeTop = !Files.exists(top);
        slice = top.resolve("kubepods-podtest" + ProcessHandle.current().pid() + "_" + System.nanoTime() + ".slice");
        Files.createDirectories(slice);
    }

    /** A directory that looks like containerd's; not made yet. */
    public Path containerPath() {
        byte[] id = new byte[32];
        ThreadLocalRandom.current().nextBytes(id);
        return slice.resolve("cri-containerd-" + HexFormat.of().formatHex(id) + ".scope");
    }

    /** Makes a container's group. */
    public Path container() throws IOException {
        return Files.createDirectory(containerPath());
    }

    /** The path that the kernel calls a group's directory by. */
    public String inHierarchy(Path group) throws IOException {
        return "/" + RealKernel.tree().root().relativize(group);
    }

    /** A group of the sandbox that is no container. */
    public Path outside() {
        return slice;
    }

    /** The container's slot, alive or ended; empty: it has none. */
    public Optional<Slot> slot(ContainerSlots slots, Path group) throws IOException {
        String path = inHierarchy(group);
        List<Slot> found = new ArrayList<>();
        slots.scan(slot -> {
            if (slot.path().equals(path)) {
                found.add(slot);
            }
        });
        if (found.size() > 1) {
            throw new IllegalStateException("several slots of one container: " + found);
        }
        return found.stream().findFirst();
    }

    /** Moves all processes of a group, stopped or not. */
    public static void move(Path from, Path to) throws IOException {
        for (long pid : pids(from)) {
            Files.writeString(to.resolve("cgroup.procs"), Long.toString(pid));
        }
    }

    /**
     * Runs a bash script as a task of the group, until the sandbox closes. It starts by itself, not as a child born in
     * the group.
     */
    public Process run(Path group, String script) throws IOException {
        return start(List.of("bash", "-c", "echo $$ > '" + group + "/cgroup.procs' && " + script));
    }

    /** The same for a script that prints a line when its load runs: waits for that, however slow the machine is. */
    public Process runUntilReady(Path group, String script) throws IOException {
        Process process = new ProcessBuilder("bash", "-c", "echo $$ > '" + group + "/cgroup.procs' && " + script)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        if (process.inputReader().readLine() == null) {
            throw new IOException("the load ended before it was ready: " + script);
        }
        return process;
    }

    /** Runs a bash script outside any container. */
    public Process runOutside(String script) throws IOException {
        return start(List.of("bash", "-c", script));
    }

    /** Ends the group's processes and removes it with all below it. */
    public void remove(Path group) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (Files.exists(group)) {
            List<Path> groups;
            try (Stream<Path> below = Files.walk(group)) {
                groups = below.filter(Files::isDirectory).toList().reversed();
            }
            try {
                for (Path each : groups) {
                    for (long pid : pids(each)) {
                        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                    }
                    Files.delete(each);
                }
            } catch (IOException e) { // its processes are still ending
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                pause(5);
            }
        }
    }

    /** The group's processes, those of groups below it not. */
    public static List<Long> pids(Path group) throws IOException {
        return Files.readAllLines(group.resolve("cgroup.procs")).stream()
                .map(Long::valueOf)
                .toList();
    }

    /** Stops every process of the group, and those that these start meanwhile; waits until all are off the CPU. */
    public static void freeze(Path group) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (int quiet = 0; quiet < 2; pause(2)) { // twice: the first may have missed one that was being born
            List<Long> running =
                    pids(group).stream().filter(pid -> !isStopped(pid)).toList();
            quiet = running.isEmpty() ? quiet + 1 : 0;
            signal(running, "STOP");
            if (System.nanoTime() > deadline) {
                throw new IOException("processes " + running + " do not stop");
            }
        }
        pause(30); // the state is set before the task leaves the CPU
    }

    /** Lets the processes go on. */
    public static void thaw(Path group) throws IOException {
        signal(pids(group), "CONT");
    }

    private static boolean isStopped(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat"))
                    .replaceAll("(?s).*\\) ", "")
                    .startsWith("T");
        } catch (IOException e) {
            return true; // it has ended
        }
    }

    public static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        remove(slice);
        processes.forEach(Process::destroyForcibly);
        if (madeTop) {
            try {
                Files.deleteIfExists(top);
            } catch (FileSystemException e) {
                // another run of these tests has groups in it
            }
        }
    }

    private Process start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        return process;
    }

    /** To each on its own: one that has ended meanwhile keeps it from no other. */
    private static void signal(List<Long> pids, String signal) throws IOException {
        for (long pid : pids) {
            try {
                new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }
    }
}
