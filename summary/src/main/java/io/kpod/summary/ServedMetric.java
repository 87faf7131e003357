package io.kpod.summary;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A metric as custom.metrics.k8s.io and external.metrics.k8s.io serve it: one number per object.
 *
 * @param name the name that an HorizontalPodAutoscaler asks for
 * @param stat what is drawn from a distribution; null otherwise
 */
public record ServedMetric(
        String name, Metric metric, Form form, @Nullable Stat stat) {
    /** How the number comes from the window. */
    public enum Form {
        /** A counter's or a distribution's events per second. */
        RATE,
        /** A gauge's last value. */
        VALUE,
        /** A number drawn from the distribution; fixed by the name. */
        STAT,
        /** The same, chosen by the selector key {@code stat}; {@link Stat#P99} without it. */
        SELECTED_STAT
    }

    /** All names under which {@code metric} is served. */
    static List<ServedMetric> of(Metric metric) {
        String base = metric.name().replace('.', '_');
        return switch (metric.type()) {
            case COUNTER ->
                List.of(new ServedMetric(metric.prometheusBaseName() + "_per_second", metric, Form.RATE, null));
            case GAUGE -> List.of(new ServedMetric(metric.prometheusName(), metric, Form.VALUE, null));
            case DISTRIBUTION -> {
                var served = new java.util.ArrayList<ServedMetric>();
                for (Stat stat : Stat.values()) {
                    served.add(new ServedMetric(base + "_" + stat.label() + "_seconds", metric, Form.STAT, stat));
                }
                served.add(new ServedMetric(metric.prometheusName(), metric, Form.SELECTED_STAT, Stat.P99));
                served.add(new ServedMetric(base + "_per_second", metric, Form.RATE, null));
                yield List.copyOf(served);
            }
        };
    }
}
