package io.kpod.agent.collector.files;

import io.kpod.agent.collector.Round;
import io.kpod.agent.collector.Sample;
import io.kpod.agent.collector.SlowCollector;
import io.kpod.agent.collector.Target;
import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a sample says, by metric and label. */
public record Values(Map<String, Double> values) {
    /** One sample of a target, which is one of {@code all}. */
    public static Values of(SlowCollector collector, List<Target> all, Target target) {
        collector.begin(new Round(all));
        Sample sample = new Sample();
        collector.sample(target, sample);
        return of(sample);
    }

    /** One sample of the only target there is. */
    public static Values of(SlowCollector collector, Target target) {
        return of(collector, List.of(target), target);
    }

    /** A sample; a series that is in it twice is a mistake. */
    public static Values of(Sample sample) {
        Map<String, Double> values = new LinkedHashMap<>();
        sample.forEach((metric, label, bits) -> {
            double value = metric.type() == MetricType.GAUGE ? Double.longBitsToDouble(bits) : bits;
            if (values.put(key(metric, label), value) != null) {
                throw new AssertionError("twice in one sample: " + key(metric, label));
            }
        });
        return new Values(values);
    }

    /** The value of a metric without label. */
    public double of(Metric metric) {
        return of(metric, "");
    }

    /** The value under a label. */
    public double of(Metric metric, String label) {
        Double value = values.get(key(metric, label));
        if (value == null) {
            throw new AssertionError("no " + key(metric, label) + " in " + values);
        }
        return value;
    }

    /** Whether there is one. */
    public boolean has(Metric metric) {
        return values.containsKey(key(metric, ""));
    }

    /** Labels that the metric has a value under. */
    public Set<String> labels(Metric metric) {
        String prefix = metric.name() + " ";
        return values.keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .map(key -> key.substring(prefix.length()))
                .collect(Collectors.toSet());
    }

    private static String key(Metric metric, String label) {
        return label.isEmpty() ? metric.name() : metric.name() + " " + label;
    }
}
