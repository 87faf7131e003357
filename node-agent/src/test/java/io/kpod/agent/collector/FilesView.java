package io.kpod.agent.collector;

import io.kpod.agent.container.CgroupOwner;
import io.kpod.agent.container.CgroupPath;
import io.kpod.agent.container.ContainerName;
import io.kpod.summary.MetricType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints what the collectors of files say of each container, and of its pod, given as {@code UID@CGROUP}: for a JVM that sees the
 * machine as an agent in a pod does.
 */
final class FilesView {
    private FilesView() {}

    public static void main(String[] arguments) {
        List<Target> targets = new ArrayList<>();
        List<Target> pods = new ArrayList<>();
        for (String argument : List.of(arguments).subList(1, arguments.length)) {
            String cgroup = argument.substring(argument.indexOf('@') + 1);
            int ref = targets.size() + 1;
            ContainerName name = new ContainerName("test", "pod" + ref, "", "main", "");
            var container = new Target.OfContainer(
                    ref,
                    name,
                    argument.startsWith("@")
                            ? CgroupPath.parse(cgroup)
                            : new CgroupOwner.PodContainer(argument.substring(0, argument.indexOf('@')), "id"),
                    cgroup);
            targets.add(container);
            pods.add(new Target.OfPod(100 + ref, name.ofPod(), List.of(container)));
        }
        targets.addAll(pods);
        for (SlowCollector collector : FileCollectors.open(Path.of("/sys/fs/cgroup"), Path.of(arguments[0]))) {
            System.out.println(collector.name() + "\t" + collector.state());
            collector.begin(new Round(targets));
            for (Target target : targets) {
                Sample sample = new Sample();
                collector.sample(target, sample);
                sample.forEach((metric, label, bits) -> System.out.println(String.join(
                        "\t",
                        target.name().pod(),
                        metric.name(),
                        label,
                        Long.toString(
                                metric.type() == MetricType.GAUGE ? (long) Double.longBitsToDouble(bits) : bits))));
            }
            collector.close();
        }
        System.out.println("end");
    }
}
