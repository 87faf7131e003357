package io.kpod.agent.collector.files;

import io.kpod.agent.collector.CollectorState;
import io.kpod.agent.collector.Round;
import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.SlowCollector;
import io.kpod.agent.collector.Target;
import io.kpod.agent.container.CgroupOwner;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A collector that reads files of containers' groups. The root group's tell of the whole machine, not of the tasks that
 * are in no other group: it is left out.
 */
public final class GroupFileCollector implements SlowCollector {
    private final String name;
    private final String files;
    private final Function<String, List<GroupReader>> readersOfGroup;
    private final Map<Integer, List<GroupReader>> readersByRef = new HashMap<>();
    private final KernelText text = new KernelText();

    /**
     * Makes it.
     *
     * @param files which ones, for people
     * @param readersOfGroup makes the readers for a group, given its path in the hierarchy
     */
    public GroupFileCollector(String name, String files, Function<String, List<GroupReader>> readersOfGroup) {
        this.name = name;
        this.files = files;
        this.readersOfGroup = readersOfGroup;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public CollectorState state() {
        return new CollectorState.Running(files);
    }

    @Override
    public List<Metric> metrics() {
        return Catalogue.ofCollector(name);
    }

    @Override
    public void begin(Round round) {
        readersByRef.entrySet().removeIf(entry -> {
            if (round.refs().contains(entry.getKey())) {
                return false;
            }
            entry.getValue().forEach(GroupReader::close);
            return true;
        });
    }

    @Override
    public void sample(Target target, Sample into) {
        if (target instanceof Target.OfContainer container && !(container.owner() instanceof CgroupOwner.Host)) {
            List<GroupReader> readers = readersByRef.get(container.ref());
            if (readers == null) {
                readers = readersOfGroup.apply(container.cgroup());
                readersByRef.put(container.ref(), readers);
            }
            for (GroupReader reader : readers) {
                reader.read(text, into);
            }
        }
    }

    @Override
    public void close() {
        readersByRef.values().forEach(readers -> readers.forEach(GroupReader::close));
        readersByRef.clear();
    }
}
