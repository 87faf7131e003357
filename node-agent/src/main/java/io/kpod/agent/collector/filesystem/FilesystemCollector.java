package io.kpod.agent.collector.filesystem;

import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.Round;
import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.SlowCollector;
import io.kpod.agent.collector.Target;
import io.kpod.agent.collector.files.ContainerProcesses;
import io.kpod.agent.collector.files.KernelText;
import io.kpod.agent.container.CgroupOwner;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Space on the volumes of a pod, each once, on the first of its containers that mounts it.
 *
 * <p>What a container mounts is told by {@code mountinfo} of one of its processes, which everybody may read. A volume is a
 * filesystem that the kubelet mounted for the pod (below {@code pods/UID/volumes}), or one that only the container's mount namespace
 * has; not one of the machine's own, of which containers mount directories and files, nor what the kubelet writes itself: projected
 * volumes, secrets, configuration.
 *
 * <p>Its space is asked for where the agent sees the same filesystem: below the kubelet's directory, if that is mounted into the
 * agent's pod; else through the process's root directory, which needs the right to trace it.
 */
public final class FilesystemCollector implements SlowCollector {
    /** What metrics and configuration call it by. */
    public static final String NAME = "filesystem";

    private static final Path OWN_MOUNTS = Path.of("/proc/self/mountinfo");

    private final ContainerProcesses processes;
    private final CollectorState state;
    private final KernelText text = new KernelText();
    private final SpaceReader spaces = new SpaceReader();
    private final Map<Volume, Integer> refByVolume = new HashMap<>();
    private final Map<Integer, ContainerVolumes> volumesByRef = new HashMap<>();

    /** Of this round; null: not read yet. */
    private @Nullable MachineMounts machine;

    private FilesystemCollector(ContainerProcesses processes) {
        this.processes = processes;
        Path own = processes.host().resolveSibling("PID").resolve("mountinfo");
        boolean kubelet = MachineMounts.haveKubelet(mounts(OWN_MOUNTS));
        this.state = new CollectorState.Running("statfs of the mounts in " + own
                + (kubelet
                        ? ", below the kubelet's pods directory"
                        : ", through PID/root alone: no kubelet's pods directory is mounted here"));
    }

    /** The collector; off where the host's /proc can't be read. */
    public static SlowCollector open(ContainerProcesses processes) {
        String refusal = ContainerProcesses.refusal(mountInfo(processes.host()));
        return refusal.isEmpty() ? new FilesystemCollector(processes) : SlowCollector.off(NAME, refusal);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CollectorState state() {
        return state;
    }

    @Override
    public List<Metric> metrics() {
        return Catalogue.ofCollector(NAME);
    }

    @Override
    public void begin(Round round) {
        processes.begin(round);
        machine = null;
        refByVolume.values().retainAll(round.refs());
        volumesByRef.keySet().retainAll(round.refs());
    }

    @Override
    public void sample(Target target, Sample into) {
        if (!(target instanceof Target.OfContainer container)) {
            return;
        }
        ContainerVolumes volumes = volumesByRef.get(container.ref());
        if (volumes == null || volumes.outdated(System.nanoTime()) || volumes.ofOther(processes, container)) {
            volumes = look(container, volumes == null ? 1 : volumes.looks() + 1);
            if (volumes == null) {
                volumesByRef.remove(container.ref());
                return;
            }
            volumesByRef.put(container.ref(), volumes);
        }
        List<SpaceReader.Question> questions = new ArrayList<>();
        for (ContainerVolumes.Reached reached : volumes.reached()) {
            Integer owner = refByVolume.putIfAbsent(reached.volume(), container.ref());
            if (owner == null || owner == container.ref()) {
                questions.add(reached.question());
            }
        }
        if (!questions.isEmpty()) {
            spaces.read(questions, (question, space) -> {
                into.gauge(Catalogue.FS_CAPACITY_BYTES, question.mountPoint(), space.total());
                into.gauge(Catalogue.FS_USAGE_BYTES, question.mountPoint(), space.total() - space.free());
                into.gauge(Catalogue.FS_AVAILABLE_BYTES, question.mountPoint(), space.available());
            });
        }
    }

    /** Reads what the container mounts; null: it has no process. */
    private @Nullable ContainerVolumes look(Target.OfContainer container, int looks) {
        Path process = processes.find(container);
        if (process == null) {
            return null;
        }
        MachineMounts ofMachine = machine;
        if (ofMachine == null) {
            ofMachine = new MachineMounts(mounts(OWN_MOUNTS), mounts(mountInfo(processes.host())));
            machine = ofMachine;
        }
        String pod = pod(container);
        if (container.owner() instanceof CgroupOwner.Host) {
            // the machine's mounts come and go, and below an unmounted one its directory is another filesystem's
            return ContainerVolumes.of(pod, process, ofMachine.own().values(), ofMachine, 1, container.ref());
        }
        Map<Long, Mount> volumes = volumes(pod, mounts(mountInfo(process)), ofMachine);
        return ContainerVolumes.of(pod, process, volumes.values(), ofMachine, looks, container.ref());
    }

    @Override
    public void close() {
        spaces.close();
    }

    /** By device, the first mount of each. */
    private static Map<Long, Mount> volumes(String pod, List<Mount> mounts, MachineMounts machine) {
        Map<Long, Mount> volumes = new LinkedHashMap<>();
        for (Mount mount : MachineMounts.seen(mounts)) {
            boolean volume = machine.isVolume(new Volume(pod, mount.device()))
                    || mount.whole() && !mount.mountPoint().equals("/") && !machine.has(mount.device());
            // who mounts the kubelet's directory, to see or make volumes of others, has those at the kubelet's paths
            if (volume && mount.plugin().isEmpty() && !machine.isWrittenByKubelet(mount.device())) {
                volumes.putIfAbsent(mount.device(), mount);
            }
        }
        return volumes;
    }

    private List<Mount> mounts(Path file) {
        try (FileChannel open = FileChannel.open(file)) {
            text.readRecords(open);
            return MountTable.read(text);
        } catch (IOException e) {
            return List.of(); // the process has ended
        }
    }

    /** What a volume is counted once for. */
    private static String pod(Target.OfContainer container) {
        return container.owner() instanceof CgroupOwner.PodContainer(String podUid, String id)
                ? podUid
                : Integer.toString(container.ref());
    }

    private static Path mountInfo(Path process) {
        return process.resolve("mountinfo");
    }
}
