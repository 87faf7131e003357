package io.kpod.agent.collector.cpu;

import io.kpod.agent.kernel.CgroupSandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What /proc says of a group's tasks, or {@link CpuCollector} of its slot. */
public record Truth(long switches, long nonvoluntary, long waitNanos) {
    /** Of all tasks in the given groups now. */
    public static Truth ofProc(Path... groups) throws IOException {
        long switches = 0;
        long nonvoluntary = 0;
        long wait = 0;
        for (Path group : groups) {
            for (long pid : CgroupSandbox.pids(group)) {
                List<Path> tasks;
                try (Stream<Path> list = Files.list(Path.of("/proc/" + pid + "/task"))) {
                    tasks = list.toList();
                }
                for (Path task : tasks) {
                    long own = field(task, "nonvoluntary_ctxt_switches:");
                    nonvoluntary += own;
                    switches += own + field(task, "voluntary_ctxt_switches:");
                    wait += Long.parseLong(
                            Files.readString(task.resolve("schedstat")).split(" ")[1]);
                }
            }
        }
        return new Truth(switches, nonvoluntary, wait);
    }

    public Truth since(Truth before) {
        return new Truth(switches - before.switches, nonvoluntary - before.nonvoluntary, waitNanos - before.waitNanos);
    }

    private static long field(Path task, String name) throws IOException {
        try (Stream<String> lines = Files.lines(task.resolve("status"))) {
            return lines.filter(line -> line.startsWith(name))
                    .mapToLong(
                            line -> Long.parseLong(line.substring(name.length()).strip()))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
