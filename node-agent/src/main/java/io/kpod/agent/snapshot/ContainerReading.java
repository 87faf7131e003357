package io.kpod.agent.snapshot;

import io.kpod.agent.collector.LabelledSeries;
import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.Target;
import io.kpod.agent.container.Attribution;
import io.kpod.agent.container.CgroupOwner;
import io.kpod.agent.container.ContainerName;
import io.kpod.agent.kernel.ContainerSlots.Slot;
import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.wire.SummaryLimits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One container (or pod as a whole, or the rest of the node) and its cumulative values since its measurement began.
 * Guarded by the lock of the {@link NodeReadings} it belongs to: look at it only within {@link NodeReadings#read}.
 */
public final class ContainerReading implements LabelledSeries {
    private static final long[] NOTHING = {};
    private static final long NO_VALUE = Double.doubleToRawLongBits(Double.NaN);

    /** Labels such as mount points are the container's own to choose: they are bounded, as the API server bounds them. */
    private static final int MOST_OWN = SummaryLimits.DEFAULT.maxSeriesPerContainer() / 2;

    private static final int MOST_LABEL_CHARS = SummaryLimits.DEFAULT.maxStringLength();

    /** A series beyond the layout's. */
    private static final class Own {
        final Series series;
        /** What the source had at the last sample. */
        long before;

        boolean sampled;

        Own(Series series) {
            this.series = series;
        }
    }

    private record Key(Metric metric, String labels) {}

    private final int ref;
    private final @Nullable Slot slot;
    private final CgroupOwner owner;
    private final long startedUnixMillis;
    private List<Series> series;
    private long[] values;
    private @Nullable EndedValues endedValues;
    private final Map<Key, Own> own = new HashMap<>();
    private final HeaviestPreemptors preemptors = new HeaviestPreemptors();
    private @Nullable String asPreemptor;
    private Attribution attribution = new Attribution.Unknown();
    private @Nullable PodReading pod;
    private Target.@Nullable OfContainer target;
    private boolean sampled;
    private boolean ended;
    private long endedNanos;
    private boolean shown;
    private boolean exposedAfterEnd;
    private boolean pushedAfterEnd;

    /** A container in a slot. */
    ContainerReading(int ref, Slot slot, CgroupOwner owner, long startedUnixMillis, SeriesLayout layout) {
        this(ref, slot, owner, startedUnixMillis, layout.series(), layout.width());
    }

    private ContainerReading(
            int ref, @Nullable Slot slot, CgroupOwner owner, long startedUnixMillis, List<Series> series, int width) {
        this.ref = ref;
        this.slot = slot;
        this.owner = owner;
        this.startedUnixMillis = startedUnixMillis;
        this.series = series;
        this.values = new long[width];
    }

    /** A reading that no slot is behind, under a name of its own. */
    static ContainerReading named(int ref, ContainerName name, long startedUnixMillis, List<Series> series, int width) {
        ContainerReading reading = new ContainerReading(
                ref, null, new CgroupOwner.Other(name.namespace()), startedUnixMillis, series, width);
        reading.attribute(new Attribution.Known(name));
        return reading;
    }

    /** Number of this container in this run of the agent, from 1 on. */
    public int ref() {
        return ref;
    }

    /** Whose it is; null while that is not known, or if it is not to be reported. */
    public @Nullable ContainerName name() {
        return attribution instanceof Attribution.Known(ContainerName name) ? name : null;
    }

    /** Wall clock at which its measurement began. */
    public long startedUnixMillis() {
        return startedUnixMillis;
    }

    /** Its series; the layout's first, then its own, which become more with time. */
    public List<Series> series() {
        return series;
    }

    /** Series that summaries alone tell of: who took the CPU from it. They come and go. */
    public List<Series> preemptors() {
        return preemptors.series();
    }

    /** Somebody took the CPU from it; {@code who} as {@link io.kpod.summary.Catalogue#CPU_PREEMPTORS} has it. */
    void preempted(String who, long times) {
        preemptors.add(who, times, this);
    }

    /** What it is called by those that it takes the CPU from; null while it has no name. */
    @Nullable
    String asPreemptor() {
        ContainerName name = name();
        if (asPreemptor == null && name != null) {
            asPreemptor = String.join(Metric.LABEL_SEPARATOR, name.namespace(), name.pod(), name.container());
        }
        return asPreemptor;
    }

    /** The values of its series; of one that ended, good until those of another are asked for. */
    @Override
    public long[] values() {
        return endedValues == null ? values : endedValues.all();
    }

    @Override
    public int offset(Metric metric, String labels) {
        return own(metric, labels).series.offset();
    }

    /** The container is gone: these are its last values. */
    public boolean ended() {
        return ended;
    }

    /**
     * Takes what the slow sources said.
     *
     * @param seenBorn whether its counters began at zero while the agent looked on; else each is counted from the first
     *     value that the agent sees
     */
    void take(Sample sample, boolean seenBorn) {
        own.values().forEach(one -> {
            if (one.series.metric().type() == MetricType.GAUGE) {
                values[one.series.offset()] = NO_VALUE;
            }
        });
        sample.forEach((metric, labels, bits) -> {
            if (labels.length() > MOST_LABEL_CHARS
                    || own.size() >= MOST_OWN && !own.containsKey(new Key(metric, labels))) {
                return;
            }
            Own one = own(metric, labels);
            int at = one.series.offset();
            if (metric.type() == MetricType.GAUGE) {
                values[at] = bits;
            } else if (one.sampled || seenBorn) {
                // a source that was set back begins at zero again
                values[at] += bits < one.before ? bits : bits - one.before;
            }
            one.before = bits;
            one.sampled = true;
        });
        sampled = true;
    }

    /** Whether slow sources have said something of it. */
    boolean sampled() {
        return sampled;
    }

    /** Somebody has been told of it, with the values that it had then. */
    public void markShown() {
        shown = true;
        preemptors.told();
    }

    boolean shown() {
        return shown;
    }

    void markExposed() {
        shown = true;
        exposedAfterEnd |= ended;
    }

    boolean exposedAfterEnd() {
        return exposedAfterEnd;
    }

    /** Its last values have been acknowledged by every API server. */
    public void markPushed() {
        pushedAfterEnd |= ended;
    }

    @Nullable
    Slot slot() {
        return slot;
    }

    CgroupOwner owner() {
        return owner;
    }

    Attribution attribution() {
        return attribution;
    }

    void attribute(Attribution found) {
        attribution = found;
    }

    /** What slow sources are to be read for; null: it has no name or no slot. */
    Target.@Nullable OfContainer target() {
        ContainerName name = name();
        if (target == null && name != null && slot != null) {
            target = new Target.OfContainer(ref, name, owner, slot.path());
        }
        return target;
    }

    @Nullable
    PodReading pod() {
        return pod;
    }

    void belongsTo(PodReading of) {
        pod = of;
    }

    /** From now on its values are the last ones, and take little memory. */
    void end(long nowNanos, EndedValues.Display display) {
        ended = true;
        endedNanos = nowNanos;
        endedValues = new EndedValues(values, display);
        values = NOTHING;
        own.clear();
    }

    long nanosSinceEnd(long nowNanos) {
        return nowNanos - endedNanos;
    }

    boolean delivered() {
        return exposedAfterEnd && pushedAfterEnd;
    }

    /** Makes room for one more series: where it stands. */
    int grow(Metric metric) {
        int at = values.length;
        values = Arrays.copyOf(values, at + metric.type().width());
        return at;
    }

    private Own own(Metric metric, String labels) {
        Key key = new Key(metric, labels);
        Own found = own.get(key);
        if (found == null) {
            found = new Own(new Series(metric, labels, grow(metric)));
            own.put(key, found);
            List<Series> more = new ArrayList<>(series);
            more.add(found.series);
            series = more;
            if (metric.type() == MetricType.GAUGE) {
                values[found.series.offset()] = NO_VALUE;
            }
        }
        return found;
    }
}
