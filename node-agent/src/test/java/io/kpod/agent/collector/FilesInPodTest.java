package io.kpod.agent.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.agent.Accuracy;
import io.kpod.agent.collector.files.ResourceSandbox;
import io.kpod.agent.kernel.RealKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The collectors of files as in the agent's pod: PID, cgroup and mount namespaces of its own, the host's /proc mounted, no
 * capability but BPF and PERFMON; or as on the host, as root. The kubelet's directory is imitated in a mount namespace of the test's
 * own.
 */
class FilesInPodTest {
    private static final String POD = "4f7e1a86-2a3b-4c5d-8e9f-0a1b2c3d4e5f";

    /** $1: directory; the rest: what is run once the kubelet's volumes are mounted. */
    private static final String KUBELET = """
            set -e
            directory=$1 && shift
            volumes=$directory/kubelet/pods/%s/volumes
            mkdir -p "$volumes"/kubernetes.io~{empty-dir/cache,empty-dir/disk,secret/key,projected/token,csi/pv/mount}
            mount -t tmpfs -o size=16m none "$volumes/kubernetes.io~empty-dir/cache"
            mount -t tmpfs -o size=1m none "$volumes/kubernetes.io~secret/key"
            mount -t tmpfs -o size=1m none "$volumes/kubernetes.io~projected/token"
            mount -t tmpfs -o size=24m none "$volumes/kubernetes.io~csi/pv/mount"
            head -c 3000000 /dev/zero > "$volumes/kubernetes.io~empty-dir/cache/file"
            head -c 5000000 /dev/zero > "$volumes/kubernetes.io~csi/pv/mount/file"
            mkdir "$volumes/kubernetes.io~csi/pv/mount/sub"
            exec "$@"
            """.formatted(POD);

    /** $1: directory. A container's mounts: volumes, one of them by a directory of it, and files of the machine's disk. */
    private static final String CONTAINER = """
            set -e
            volumes=$1/kubelet/pods/%s/volumes
            mkdir -p "$1"/root/{cache,again,disk,key,token,pv,own}
            touch "$1/root/hosts" "$1/root/hosts-of-pod"
            mount --bind "$volumes/kubernetes.io~empty-dir/cache" "$1/root/cache"
            mount --bind "$volumes/kubernetes.io~empty-dir/cache" "$1/root/again"
            mount --bind "$volumes/kubernetes.io~empty-dir/disk" "$1/root/disk"
            mount --bind "$volumes/kubernetes.io~secret/key" "$1/root/key"
            mount --bind "$volumes/kubernetes.io~projected/token" "$1/root/token"
            mount --bind "$volumes/kubernetes.io~csi/pv/mount/sub" "$1/root/pv"
            mount --bind "$1/root/hosts-of-pod" "$1/root/hosts"
            mount -t tmpfs -o size=2m none "$1/root/own"
            ip link add eth0 type veth peer name eth1
            ip link set eth1 address 02:00:00:00:00:02
            stat -f -c "truth cache %%S %%b %%f %%a" "$1/root/cache"
            stat -f -c "truth pv %%S %%b %%f %%a" "$1/root/pv"
            echo ready
            while :; do sleep 1; done
            """.formatted(POD);

    /** $1: directory, $2: cgroup.procs to join; the rest: the agent. Its /proc is that of its PID namespace. */
    private static final String AGENT_POD = """
            set -e
            mkdir -p "$1/hostproc"
            mount --rbind /proc "$1/hostproc"
            mount -t proc none /proc
            shift
            exec setpriv --bounding-set=-all,+bpf,+perfmon "$@"
            """;

    @TempDir
    private Path directory;

    private ResourceSandbox sandbox;
    private Target.OfContainer container;
    private Target.OfContainer other;
    private Target.OfContainer own;
    private Process machine;

    @BeforeEach
    void open() throws IOException {
        RealKernel.require();
        sandbox = new ResourceSandbox();
        container = sandbox.container();
        other = sandbox.container();
        own = sandbox.container();
    }

    @AfterEach
    void close() throws IOException {
        if (machine != null) {
            machine.destroyForcibly();
        }
        sandbox.close();
    }

    @Test
    void withoutCapabilitiesItSeesVolumesAndInterfacesOfOtherPods() throws Exception {
        Map<String, Long> truth = new TreeMap<>();
        List<String> lines = run(
                truth,
                "echo $$ > " + sandbox.v2(own)
                        + "/cgroup.procs; exec unshare --mount --pid --fork --cgroup --kill-child " + "bash -c '"
                        + AGENT_POD + "' agent " + directory + " " + view(directory + "/hostproc"));

        agree(lines, truth, false);
        assertThat(lines)
                .as("its own volumes: those that are mounted in its own namespace")
                .noneMatch(line -> line.startsWith("pod3\tkpod.fs"));
    }

    @Test
    void asRootOnTheHostItSeesThatOfTheContainersNamespaceToo() throws Exception {
        Map<String, Long> truth = new TreeMap<>();
        List<String> lines = run(truth, "exec " + view("/proc"));

        agree(lines, truth, true);
    }

    private void agree(List<String> lines, Map<String, Long> truth, boolean withOwn) {
        String root = directory + "/root/";
        // the machine's mounts were copied: others' come and go meanwhile
        assertThat(lines.stream()
                        .filter(line -> line.startsWith("pod1\tkpod.fs.capacity"))
                        .map(line -> line.split("\t")[2])
                        .filter(mountPoint -> mountPoint.startsWith(root)))
                .as(
                        "each volume once: not the secret, the projected token, the file, nor what is on the machine's disk")
                .containsExactlyInAnyOrderElementsOf(
                        withOwn
                                ? List.of(root + "cache", root + "pv", root + "own")
                                : List.of(root + "cache", root + "pv"));
        for (String volume : List.of("cache", "pv")) {
            for (String what : List.of("capacity", "usage", "available")) {
                long expected = truth.get(volume + " " + what);
                String metric = "kpod.fs." + what + ".bytes";
                long measured = value(lines, "pod1", metric, root + volume);
                Accuracy.record(metric, "stat -f", expected, measured);
                assertThat(measured).as("%s of %s", what, volume).isEqualTo(expected);
            }
        }
        assertThat(value(lines, "pod1", "kpod.fs.usage.bytes", root + "cache")).isBetween(3_000_000L, 3_100_000L);
        assertThat(lines)
                .as("the other pod has no volume and no network")
                .noneMatch(line -> line.startsWith("pod2\tkpod.fs") || line.startsWith("pod2\tkpod.net"));
        assertThat(lines.stream()
                        .filter(line -> line.startsWith("pod1\tkpod.net.iface.rx.bytes"))
                        .map(line -> line.split("\t")[2]))
                .containsExactlyInAnyOrder("eth0", "eth1");
        for (String pod : List.of("pod1", "pod2", "pod3")) {
            assertThat(lines).anyMatch(line -> line.startsWith(pod + "\tkpod.cpu.usage\t"));
        }
    }

    private static long value(List<String> lines, String pod, String metric, String label) {
        return lines.stream()
                .filter(line -> line.startsWith(String.join("\t", pod, metric, label) + "\t"))
                .mapToLong(line -> Long.parseLong(line.split("\t")[3]))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + metric + " of " + label + " in " + lines));
    }

    /** Runs the container and then, in the same machine's mount namespace, the agent; gives what the agent prints. */
    private List<String> run(Map<String, Long> truth, String agent) throws Exception {
        Path kubelet = Files.writeString(directory.resolve("kubelet.sh"), KUBELET);
        Path mounts = Files.writeString(directory.resolve("container.sh"), CONTAINER);
        sandbox.run(other, "exec sleep 1000");
        // the container is started from the machine's namespace, as a runtime does it
        machine = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "bash",
                        kubelet.toString(),
                        directory.toString(),
                        "bash",
                        "-c",
                        "(echo $BASHPID > " + sandbox.v2(container)
                                + "/cgroup.procs; exec unshare --mount --net bash " + mounts + " " + directory
                                + ") & read line; " + agent)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines = new ArrayList<>();
        var output = machine.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("truth")) {
                long block = Long.parseLong(words[2]);
                truth.put(words[1] + " capacity", block * Long.parseLong(words[3]));
                truth.put(words[1] + " usage", block * (Long.parseLong(words[3]) - Long.parseLong(words[4])));
                truth.put(words[1] + " available", block * Long.parseLong(words[5]));
            } else if (line.equals("ready")) {
                machine.outputWriter().append("go\n").flush();
            } else {
                lines.add(line);
                if (line.startsWith("end")) {
                    break;
                }
            }
        }
        return lines;
    }

    private String view(String proc) {
        return String.join(
                " ",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                "\"" + System.getProperty("java.class.path") + "\"",
                FilesView.class.getName(),
                proc,
                POD + "@" + container.cgroup(),
                "@" + other.cgroup(),
                "@" + own.cgroup());
    }
}
