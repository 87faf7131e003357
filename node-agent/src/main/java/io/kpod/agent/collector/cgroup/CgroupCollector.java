package io.kpod.agent.collector.cgroup;

import io.kpod.agent.collector.SlowCollector;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.GroupFileCollector;
import io.kpod.agent.collector.files.GroupReader;
import io.kpod.agent.collector.files.Hierarchies;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * CPU time and throttling, memory and pressure. Each controller's files are read in the hierarchy that has it: on a
 * machine with v1 beside v2 that is v1 for CPU and memory, and v2 for pressure, which v1 has not.
 */
public final class CgroupCollector {
    /** What metrics and configuration call it by. */
    public static final String NAME = "cgroup";

    private static final Path PRESSURE = Path.of("/proc/pressure");

    private CgroupCollector() {}

    /** The collector. Some of its files are on every kernel. */
    public static SlowCollector open(Hierarchies hierarchies, Descriptors descriptors) {
        List<String> files = new ArrayList<>();
        List<Function<String, GroupReader>> makers = new ArrayList<>();
        cpu(hierarchies, descriptors, files, makers);
        memory(hierarchies, descriptors, files, makers);
        if (Files.isDirectory(PRESSURE)) {
            files.add("cpu.pressure, memory.pressure and io.pressure of cgroup v2");
            makers.add(group -> new Pressure(Hierarchies.group(hierarchies.v2(), group), descriptors));
        } else {
            files.add("no pressure: it needs CONFIG_PSI and, where that is off by default, the kernel option psi=1");
        }
        return new GroupFileCollector(
                NAME,
                String.join("; ", files),
                group -> makers.stream().map(maker -> maker.apply(group)).toList());
    }

    private static void cpu(
            Hierarchies hierarchies,
            Descriptors descriptors,
            List<String> files,
            List<Function<String, GroupReader>> makers) {
        Path quota = hierarchies.v1("cpu");
        Path usage = hierarchies.v1("cpuacct");
        if (hierarchies.inV2("cpu") || usage == null) {
            files.add("cpu.stat of cgroup v2"); // its time is there without the controller too
            makers.add(group -> new CpuStat(Hierarchies.group(hierarchies.v2(), group), descriptors));
        } else {
            files.add("cpuacct.usage of cgroup v1");
            makers.add(group -> new CpuAccount(Hierarchies.group(usage, group), descriptors));
        }
        if (!hierarchies.inV2("cpu") && quota != null) {
            files.add("cpu.stat of cgroup v1");
            makers.add(group -> new CpuStat(Hierarchies.group(quota, group), descriptors));
        }
    }

    private static void memory(
            Hierarchies hierarchies,
            Descriptors descriptors,
            List<String> files,
            List<Function<String, GroupReader>> makers) {
        Path v1 = hierarchies.v1("memory");
        if (hierarchies.inV2("memory")) {
            files.add("memory.current, memory.stat and memory.max of cgroup v2");
            makers.add(group -> Memory.v2(Hierarchies.group(hierarchies.v2(), group), descriptors));
        } else if (v1 != null) {
            files.add("memory.usage_in_bytes, memory.stat and memory.limit_in_bytes of cgroup v1");
            makers.add(group -> Memory.v1(Hierarchies.group(v1, group), descriptors));
        }
    }
}
