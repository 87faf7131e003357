package io.kpod.agent.collector.iface;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pod's network interfaces received and sent, from {@code net/dev} of one of its processes. The interfaces of the
 * machine's own network namespace are the machine's, not those of a pod that uses them.
 *
 * <p>A network namespace has a {@code net/dev} of its own, with an inode number of its own; so the file tells which namespace
 * it is, which {@code ns/net} would tell only to who may trace the process. Of several pods in one namespace (containers of one pod,
 * where there is no Kubernetes) the first has its interfaces.
 *
 * <p>The file is opened anew each time: a kept descriptor would keep the network namespace of a pod that is gone.
 */
public final class InterfaceCollector implements SlowCollector {
    /** What metrics and configuration call it by. */
    public static final String NAME = "iface";

    private final ContainerProcesses processes;
    private final NetDev netDev = new NetDev();
    private final KernelText text = new KernelText();

    /** Namespaces, and whose their interfaces are. */
    private final Map<Object, Integer> refByNamespace = new HashMap<>();

    private @Nullable Object hostNamespace;

    private InterfaceCollector(ContainerProcesses processes) {
        this.processes = processes;
    }

    /** The collector; off where the host's /proc can't be read. */
    public static SlowCollector open(ContainerProcesses processes) {
        String refusal = ContainerProcesses.refusal(netDev(processes.host()));
        return refusal.isEmpty() ? new InterfaceCollector(processes) : SlowCollector.off(NAME, refusal);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CollectorState state() {
        return new CollectorState.Running(
                netDev(processes.host().resolveSibling("PID")) + " of each pod's network namespace");
    }

    @Override
    public List<Metric> metrics() {
        return Catalogue.ofCollector(NAME);
    }

    @Override
    public void begin(Round round) {
        processes.begin(round);
        refByNamespace.values().retainAll(round.refs());
        try {
            hostNamespace = namespace(processes.host());
        } catch (IOException e) {
            hostNamespace = null; // without it nobody could tell a pod's interfaces from the machine's: none are read
        }
    }

    @Override
    public void sample(Target target, Sample into) {
        if (hostNamespace == null || !(target instanceof Target.OfPod pod)) {
            return;
        }
        for (Target.OfContainer container : pod.containers()) {
            Path process = processes.find(container);
            if (process != null) {
                try {
                    sample(process, container.owner() instanceof CgroupOwner.Host, pod.ref(), into);
                    return;
                } catch (IOException e) {
                    // the process has ended: another container of the pod may have one
                }
            }
        }
    }

    private void sample(Path process, boolean host, int ref, Sample into) throws IOException {
        Object namespace = namespace(process);
        if (!host && namespace.equals(hostNamespace)) {
            return;
        }
        Integer owner = refByNamespace.putIfAbsent(namespace, ref);
        if (owner == null || owner == ref) {
            try (FileChannel file = FileChannel.open(netDev(process))) {
                text.readRecords(file);
            }
            netDev.read(text, into);
        }
    }

    private static Object namespace(Path process) throws IOException {
        return Files.readAttributes(netDev(process), BasicFileAttributes.class).fileKey();
    }

    private static Path netDev(Path process) {
        return process.resolve("net/dev");
    }
}
