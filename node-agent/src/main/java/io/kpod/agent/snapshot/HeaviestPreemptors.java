package io.kpod.agent.snapshot;

import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who took the CPU from one container lately: the heaviest few, each a series of {@link Catalogue#CPU_PREEMPTORS} among
 * the container's values. One that others outdo goes; what it took since it was last told of is then in the container's
 * preemptions alone, which tell of all. Guarded as the reading is that it belongs to.
 */
final class HeaviestPreemptors {
    /** A busy neighbourhood's worst, and few bytes of a summary. */
    static final int MOST = 10;

    private static final class Entry {
        final Series series;
        /** What it took, older times counting half as much with each summary. */
        long weight;

        Entry(Series series) {
            this.series = series;
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private List<Series> series = List.of();
    /** Places of those that went, which the next summary has to show empty before others may have them. */
    private final List<Integer> left = new ArrayList<>();

    private final Deque<Integer> free = new ArrayDeque<>();

    /** Their series. */
    List<Series> series() {
        return series;
    }

    /**
     * Counts.
     *
     * @param who labels of the metric
     */
    void add(String who, long times, ContainerReading reading) {
        Entry lightest = null;
        for (Entry entry : entries) {
            if (entry.series.labels().equals(who)) {
                count(entry, times, reading);
                return;
            }
            if (lightest == null || entry.weight < lightest.weight) {
                lightest = entry;
            }
        }
        if (entries.size() < MOST) {
            count(enter(who, reading), times, reading);
        } else if (lightest != null && lightest.weight < times) {
            remove(lightest, reading);
            count(enter(who, reading), times, reading);
        }
    }

    /** A summary has told of all values. */
    void told() {
        for (Entry entry : entries) {
            entry.weight /= 2;
        }
        free.addAll(left);
        left.clear();
    }

    private static void count(Entry entry, long times, ContainerReading reading) {
        entry.weight += times;
        reading.values()[entry.series.offset()] += times;
    }

    private Entry enter(String who, ContainerReading reading) {
        @Nullable Integer place = free.poll();
        Metric metric = Catalogue.CPU_PREEMPTORS;
        Entry entry = new Entry(new Series(metric, who, place == null ? reading.grow(metric) : place));
        entries.add(entry);
        series = entries.stream().map(each -> each.series).toList();
        return entry;
    }

    private void remove(Entry entry, ContainerReading reading) {
        reading.values()[entry.series.offset()] = 0;
        left.add(entry.series.offset());
        entries.remove(entry);
    }
}
