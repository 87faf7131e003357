package io.kpod.apiserver.value;

import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.query.WindowLength;
import io.kpod.apiserver.selector.LabelText;
import io.kpod.apiserver.status.StatusException;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.apiserver.window.PodWindow;
import io.kpod.selector.LabelRequirement;
import io.kpod.selector.LabelSelector;
import io.kpod.summary.Metric;
import io.kpod.summary.ServedMetric;
import io.kpod.summary.Stat;
import io.kpod.summary.Unit;
import io.kpod.summary.histogram.Histogram;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which number of a pod is asked for: a served metric, narrowed by a selector.
 *
 * @param asking where the selector stood
 * @param stat what is drawn from a distribution; null for what is no distribution's
 * @param container null: all containers of the pod
 * @param labels values of the metric's own labels, as {@link LabelText} says them; of one that is not there: all, summed
 *     or merged
 * @param selector the keys as they were asked for; empty if there were none
 */
public record ValueChoice(
        ServedMetric served,
        Asking asking,
        @Nullable Stat stat,
        Duration window,
        @Nullable String container,
        Map<String, String> labels,
        Map<String, String> selector) {
    /** Label values that a refusal lists. */
    private static final int MOST_NAMED = 50;

    static final String STAT = "stat";
    static final String WINDOW = "window";
    static final String CONTAINER = "container";

    /**
     * Reads the selector.
     *
     * @throws StatusException 400 that lists what is allowed, for an unknown key or value
     */
    public static ValueChoice of(ServedMetric served, Asking asking, LabelSelector selector, WindowLength windows) {
        Refusal refusal = new Refusal(served, asking, windows);
        Map<String, String> asked = asked(asking, selector, refusal);
        Stat stat = served.stat();
        Duration window = WindowLength.DEFAULT;
        String container = null;
        Map<String, String> labels = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : asked.entrySet()) {
            String key = entry.getKey();
            String value = entry.getValue();
            Metric metric = served.metric();
            if (key.equals(STAT) && served.form() == ServedMetric.Form.SELECTED_STAT) {
                stat = Arrays.stream(Stat.values())
                        .filter(s -> s.label().equals(value))
                        .findFirst()
                        .orElseThrow(() -> refusal.because("stat \"" + value + "\" is unknown"));
            } else if (key.equals(WINDOW) && served.form() != ServedMetric.Form.VALUE) {
                window = windows.parse(value).orElseThrow(() -> refusal.because(windows.complaint(value)));
            } else if (key.equals(CONTAINER)) {
                container = value;
            } else if (metric.labels().contains(key)) {
                if (!metric.labelValues().isEmpty() && !metric.labelValues().contains(value)) {
                    throw refusal.because(asking.key(key) + " \"" + value + "\" is unknown");
                }
                labels.put(key, value);
            } else {
                throw refusal.because("key \"" + asking.key(key) + "\" is unknown");
            }
        }
        return new ValueChoice(served, asking, stat, window, container, labels, asked);
    }

    private static Map<String, String> asked(Asking asking, LabelSelector selector, Refusal refusal) {
        Map<String, String> asked = new TreeMap<>();
        for (LabelRequirement requirement : asking.choosing(selector)) {
            if (!(requirement instanceof LabelRequirement.In(String key, var values)) || values.size() != 1) {
                throw refusal.because("only KEY=VALUE can be asked for, not " + requirement);
            }
            String value = values.iterator().next();
            String before = asked.put(asking.plain(requirement), value);
            if (before != null && !before.equals(value)) {
                throw refusal.because("key \"" + key + "\" can't be both \"" + before + "\" and \"" + value + "\"");
            }
        }
        return asked;
    }

    /** The keys as they were asked for, as a selector; empty if there were none. */
    public String selectorText() {
        return selector.entrySet().stream()
                .map(entry -> asking.key(entry.getKey()) + "=" + entry.getValue())
                .collect(Collectors.joining(","));
    }

    /** Whether a metric has to be decoded. */
    public boolean wants(Metric metric) {
        return metric == served.metric();
    }

    /** The part of the pod that is asked for; empty if it has no such container. */
    public Optional<ContainerWindow> part(PodWindow pod) {
        if (container == null) {
            return Optional.of(pod.total());
        }
        return pod.containers().stream()
                .filter(window -> window.name().equals(container))
                .findFirst();
    }

    /**
     * The number of one pod or of many: rates and gauges are summed, distributions merged. A sum is what all gauges of
     * the catalogue, which are bytes, are good for; the average over pods is what an HPA's AverageValue makes of it.
     *
     * @return empty: not measured, or nothing fell into the window
     */
    public Optional<Quantity> value(Collection<ContainerWindow> parts) {
        LabelFilter filter = this::fits;
        return switch (served.form()) {
            case RATE ->
                sum(parts.stream()
                                .map(part -> part.rate(served.metric(), filter))
                                .toList())
                        .map(Quantity::ofRate);
            case VALUE ->
                sum(parts.stream()
                                .map(part -> part.gauge(served.metric(), filter))
                                .toList())
                        .map(served.metric().unit() == Unit.BYTES ? Quantity::ofBytes : Quantity::of);
            case STAT, SELECTED_STAT -> stat(parts, filter).map(Quantity::of);
        };
    }

    /**
     * Checks what only the pods themselves can tell.
     *
     * @throws StatusException 400, if {@code container} names one that none of the pods has, or a label has a value that
     *     none of their series has
     */
    public void check(Collection<PodWindow> pods, WindowLength windows) {
        checkContainer(pods, windows);
        List<ContainerWindow> parts =
                pods.stream().flatMap(pod -> part(pod).stream()).toList();
        for (Map.Entry<String, String> asked : labels.entrySet()) {
            int place = served.metric().labels().indexOf(asked.getKey());
            TreeSet<String> seen = new TreeSet<>();
            for (ContainerWindow part : parts) {
                for (String label : part.labels(served.metric())) {
                    seen.add(LabelText.of(served.metric().valuesOf(label).get(place)));
                }
            }
            if (!seen.isEmpty()
                    && !seen.contains(asked.getValue())
                    && served.metric().labelValues().isEmpty()) {
                List<String> some = seen.stream().limit(MOST_NAMED).toList();
                throw new Refusal(served, asking, windows)
                        .because(asking.key(asked.getKey())
                                + " \"" + asked.getValue() + "\" is in none of the pods, which have "
                                + String.join(", ", some)
                                + (seen.size() > MOST_NAMED ? " and " + (seen.size() - MOST_NAMED) + " more" : ""));
            }
        }
    }

    private boolean fits(Metric metric, String label) {
        if (labels.isEmpty()) {
            return true;
        }
        List<String> values = metric.valuesOf(label);
        return labels.entrySet().stream()
                .allMatch(asked -> LabelText.of(values.get(metric.labels().indexOf(asked.getKey())))
                        .equals(asked.getValue()));
    }

    private void checkContainer(Collection<PodWindow> pods, WindowLength windows) {
        if (container == null
                || pods.isEmpty()
                || pods.stream().anyMatch(pod -> part(pod).isPresent())) {
            return;
        }
        TreeSet<String> names = new TreeSet<>();
        pods.forEach(pod -> pod.containers().forEach(window -> names.add(window.name())));
        throw new Refusal(served, asking, windows)
                .because("container \"" + container + "\" is in none of the pods, which have "
                        + String.join(", ", names));
    }

    private Optional<Double> stat(Collection<ContainerWindow> parts, LabelFilter labels) {
        Histogram merged = new Histogram();
        parts.forEach(part -> part.histogram(served.metric(), labels).ifPresent(merged::add));
        if (stat == null) {
            throw new IllegalStateException(served.name() + " is drawn from a distribution but does not say what");
        }
        double seconds = stat.seconds(merged);
        return Double.isNaN(seconds) ? Optional.empty() : Optional.of(seconds);
    }

    private static Optional<Double> sum(List<OptionalDouble> values) {
        List<Double> present =
                values.stream().flatMapToDouble(OptionalDouble::stream).boxed().toList();
        return present.stream().reduce(Double::sum);
    }
}
