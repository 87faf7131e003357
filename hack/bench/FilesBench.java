import com.sun.management.ThreadMXBean;
import io.kpod.agent.collector.Round;
import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.SlowCollector;
import io.kpod.agent.collector.Target;
import io.kpod.agent.collector.cgroup.CgroupCollector;
import io.kpod.agent.collector.disk.DiskCollector;
import io.kpod.agent.collector.files.ContainerProcesses;
import io.kpod.agent.collector.files.Descriptors;
import io.kpod.agent.collector.files.Hierarchies;
import io.kpod.agent.collector.filesystem.FilesystemCollector;
import io.kpod.agent.collector.iface.InterfaceCollector;
import io.kpod.agent.container.CgroupPath;
import io.kpod.agent.container.ContainerName;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Runs hack/bench/files, which see. */
class FilesBench {
    private static final Path MOUNT = Path.of("/sys/fs/cgroup");
    private static final int CONTAINERS_PER_POD = 2;
    private static final int WARM_UP = 30;

    private final Hierarchies hierarchies = Hierarchies.find(MOUNT);
    private final Set<Path> roots = new LinkedHashSet<>();
    private final List<Path> groups = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();
    private final StringBuilder json = new StringBuilder();

    FilesBench() throws IOException {
        for (String controller : List.of("cpu", "cpuacct", "memory", "blkio")) {
            Path v1 = hierarchies.v1(controller);
            if (v1 != null) {
                roots.add(v1.toRealPath());
            }
        }
        roots.add(hierarchies.v2());
    }

    public static void main(String[] arguments) throws Exception {
        int containers = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 220;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
        FilesBench bench = new FilesBench();
        try {
            bench.make(containers);
            bench.measure(rounds);
        } finally {
            bench.close();
        }
    }

    private void make(int containers) throws Exception {
        long network = 0;
        List<Target> pods = new ArrayList<>();
        List<Target.OfContainer> ofPod = new ArrayList<>();
        for (int i = 0; i < containers; i++) {
            String path = "/kpod-bench.slice/kpod-bench-pod%08d.slice/cri-containerd-%064x.scope".formatted(i / CONTAINERS_PER_POD, i);
            StringBuilder joining = new StringBuilder();
            for (Path root : roots) {
                make(root, Path.of(root + path));
                joining.append("echo $$ > ").append(root).append(path).append("/cgroup.procs; ");
            }
            boolean first = i % CONTAINERS_PER_POD == 0;
            String enter = first ? "unshare --net --mount" : "nsenter --net=/proc/" + network + "/ns/net unshare --mount";
            Process process = new ProcessBuilder(
                            "bash",
                            "-c",
                            joining + "exec " + enter + " bash -c '" + (first ? "ip link add eth0 type veth peer name eth1; " : "")
                                    + "mount -t tmpfs -o size=1m none /mnt; echo; exec sleep 1000'")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            processes.add(process);
            process.inputReader().readLine();
            network = first ? process.pid() : network;
            ContainerName name = new ContainerName("bench", "pod" + i / CONTAINERS_PER_POD, "", "c" + i, "");
            Target.OfContainer container = new Target.OfContainer(i + 1, name, CgroupPath.parse(path), path);
            targets.add(container);
            ofPod.add(container);
            if (ofPod.size() == CONTAINERS_PER_POD) {
                pods.add(new Target.OfPod(100_000 + i, name.ofPod(), List.copyOf(ofPod)));
                ofPod.clear();
            }
        }
        targets.addAll(pods);
    }

    private void make(Path root, Path group) throws IOException {
        if (!group.equals(root) && !Files.exists(group)) {
            make(root, group.getParent());
            Files.createDirectory(group);
            groups.add(group);
        }
    }

    private void measure(int rounds) throws IOException {
        Path proc = Path.of("/proc");
        System.out.printf("%-28s %12s %12s %12s %12s%n", "a poll, CPU of its thread", "CPU ms", "first, ms", "KiB", "series");
        Descriptors many = new Descriptors(10_000);
        long slab = slabBytes();
        SlowCollector cgroup = CgroupCollector.open(hierarchies, many);
        round(cgroup);
        int kept = many.kept();
        double perDescriptor = (slabBytes() - slab) / (double) kept;
        row("cgroup, kept descriptors", cgroup, rounds);
        row("cgroup, opened each time", CgroupCollector.open(hierarchies, new Descriptors(0)), rounds);
        row("disk, kept descriptors", DiskCollector.open(hierarchies, proc, many), rounds);
        row("disk, opened each time", DiskCollector.open(hierarchies, proc, new Descriptors(0)), rounds);
        row("iface", InterfaceCollector.open(new ContainerProcesses(proc, hierarchies.v2())), rounds);
        row("filesystem", FilesystemCollector.open(new ContainerProcesses(proc, hierarchies.v2())), rounds);
        System.out.printf("%d descriptors kept, %.0f bytes of kernel memory each%n", kept, perDescriptor);
        json.append("\"descriptors\": %d, \"slab_bytes_per_descriptor\": %.0f".formatted(kept, perDescriptor));
        Path file = Path.of("target/bench/files.json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "{" + json + "}\n");
    }

    private int round(SlowCollector collector) {
        collector.begin(new Round(targets));
        Sample sample = new Sample();
        int[] series = new int[1];
        collector.begin(new Round(targets));
        for (Target target : targets) {
            sample.clear();
            collector.sample(target, sample);
            sample.forEach((metric, labels, bits) -> series[0]++);
        }
        return series[0];
    }

    private void row(String what, SlowCollector collector, int rounds) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long begin = threads.getCurrentThreadCpuTime();
        round(collector);
        double first = (threads.getCurrentThreadCpuTime() - begin) / 1e6;
        for (int i = 0; i < WARM_UP; i++) {
            round(collector);
        }
        double[] cpu = new double[rounds];
        double[] allocated = new double[rounds];
        int series = 0;
        for (int i = 0; i < rounds; i++) {
            long bytes = threads.getCurrentThreadAllocatedBytes();
            long nanos = threads.getCurrentThreadCpuTime();
            series = round(collector);
            cpu[i] = (threads.getCurrentThreadCpuTime() - nanos) / 1e6;
            allocated[i] = (threads.getCurrentThreadAllocatedBytes() - bytes) / 1024.0;
        }
        Arrays.sort(cpu);
        Arrays.sort(allocated);
        System.out.printf("%-28s %12.2f %12.2f %12.0f %12d%n", what, cpu[rounds / 2], first, allocated[rounds / 2], series);
        json.append("\"%s\": {\"cpu_ms\": %.3f, \"kib\": %.1f}, "
                .formatted(what, cpu[rounds / 2], allocated[rounds / 2]));
        collector.close();
    }

    private static long slabBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.toLowerCase(Locale.ROOT).startsWith("slab:")) {
                return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }

    private void close() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
        Thread.sleep(500);
        for (Path group : groups.reversed()) {
            Files.delete(group);
        }
    }
}
