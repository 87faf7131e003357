package io.kpod.agent.collector.syscall;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import io.kpod.agent.kernel.Load;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** src/test/c/syscalls.c: a task that is born in a group and makes known system calls there. */
public final class SyscallLoad implements AutoCloseable {
    /** How often a call returned and failed, and the time around it by the load's own clock. */
    public record Tally(long count, long errors, long nanos) {
        static final Tally NONE = new Tally(0, 0, 0);
    }

    /**
     * What a load says at its end.
     *
     * @param waits of the calls that blocked, each one's time
     */
    public record Report(Map<String, Tally> tallies, Map<String, List<Long>> waits) {
        /** None for a name that the load knows nothing of. */
        public Tally of(String name) {
            return tallies.getOrDefault(name, Tally.NONE);
        }
    }

    private final Process process;

    private SyscallLoad(Process process) {
        this.process = process;
    }

    /** Starts one. */
    public static SyscallLoad start(Path group, String what, int times, String... more) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Load.program("syscalls").toString(), group.toString(), what, Integer.toString(times)));
        command.addAll(List.of(more));
        return new SyscallLoad(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Runs one to its end. */
    public static Report run(Path group, String what, int times, String... more) throws IOException {
        try (SyscallLoad load = start(group, what, times, more)) {
            return load.finish();
        }
    }

    /** Lets it go on if it waits, and waits for its end. */
    public Report finish() throws IOException {
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes());
        try {
            if (process.waitFor() != 0) {
                throw new IOException("the load ended with " + process.exitValue() + ": " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return parse(output);
    }

    /** What a load printed. */
    static Report parse(String output) {
        List<String[]> lines = output.lines().map(line -> line.split(" ")).toList();
        return new Report(
                lines.stream()
                        .filter(line -> line.length == 4)
                        .collect(Collectors.toMap(
                                line -> line[0],
                                line -> new Tally(
                                        Long.parseLong(line[1]), Long.parseLong(line[2]), Long.parseLong(line[3])))),
                lines.stream()
                        .filter(line -> line.length == 2)
                        .collect(groupingBy(line -> line[0], mapping(line -> Long.valueOf(line[1]), toList()))));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
