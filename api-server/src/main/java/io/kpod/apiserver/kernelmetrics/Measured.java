package io.kpod.apiserver.kernelmetrics;

import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.summary.Metric;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What was not measured is absent: a part without any field, a list without any item. */
final class Measured {
    private Measured() {}

    /** Whether any of a part's fields is there. */
    static boolean any(@Nullable Object... fields) {
        return Stream.of(fields).anyMatch(Objects::nonNull);
    }

    /** The labels that any of the metrics has. */
    static SortedSet<String> labels(ContainerWindow window, Metric... metrics) {
        SortedSet<String> labels = new TreeSet<>();
        for (Metric metric : metrics) {
            labels.addAll(window.labels(metric));
        }
        return labels;
    }

    /** An item for each label; null: there is none. */
    static <T> @Nullable List<T> each(Collection<String> labels, Function<String, T> item) {
        return labels.isEmpty() ? null : labels.stream().map(item).toList();
    }
}
