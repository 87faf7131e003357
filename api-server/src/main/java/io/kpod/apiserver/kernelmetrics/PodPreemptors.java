package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.inventory.Pod;
import io.kpod.apiserver.table.ApiObject;
import io.kpod.apiserver.table.ObjectMeta;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.apiserver.window.PodWindow;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Who took the CPU from one pod lately. All preemptions are in it: what agents name, and what is left of the counts by
 * container and by host.
 */
@JsonClassDescription(
        "Who took the CPU from one pod while it still wanted to run, the heaviest first. Of each container the agent names the heaviest ten, so that those with small counts may be among Other.")
public record PodPreemptors(
        @JsonPropertyDescription("Always PodPreemptors.") String kind,

        @JsonPropertyDescription("Always kernelmetrics.kpod.io/v1beta1.")
        String apiVersion,

        @JsonPropertyDescription("Name, namespace, labels and uid are those of the pod.")
        ObjectMeta metadata,

        @JsonPropertyDescription("Node that the pod is on and whose agent measured it.")
        String nodeName,

        @JsonPropertyDescription("When the last summary of the node arrived; the window ends there.")
        Instant timestamp,

        @JsonPropertyDescription("How much time the counts cover: what was asked for, or less of a young pod.")
        String window,

        @JsonPropertyDescription(
                "How often the pod's tasks lost the CPU while they still wanted to run; absent while no increments are known.")
        @Nullable
        Long count,

        @JsonPropertyDescription("Who took it, the heaviest first.")
        List<Preemptor> preemptors)
        implements ApiObject {
    /** The kind. */
    public static final String KIND = "PodPreemptors";

    private static final Comparator<Map.Entry<Preemptor.Who, Long>> HEAVIEST_FIRST =
            Map.Entry.<Preemptor.Who, Long>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(entry -> entry.getKey().kind())
                    .thenComparing(entry -> entry.getKey().namespace())
                    .thenComparing(entry -> entry.getKey().pod())
                    .thenComparing(entry -> entry.getKey().name());

    public PodPreemptors {
        timestamp = timestamp.truncatedTo(ChronoUnit.SECONDS);
        preemptors = List.copyOf(preemptors);
    }

    /** @param nameable whether a pod, by namespace and name, may be named */
    static PodPreemptors of(
            Pod pod, PodWindow window, BiPredicate<String, String> nameable, String revision, Instant now) {
        ContainerWindow total = window.total();
        Map<Preemptor.Who, Long> counts = counts(total, nameable);
        long all = counts.values().stream().mapToLong(Long::longValue).sum();
        return new PodPreemptors(
                KIND,
                KernelMetrics.API_VERSION,
                new ObjectMeta(
                        pod.name().name(),
                        pod.name().namespace(),
                        pod.uid().isEmpty() ? null : pod.uid(),
                        revision,
                        pod.created(),
                        pod.labels()),
                pod.node(),
                now.minus(window.age()),
                Sampled.window(total),
                total.increase(Catalogue.CPU_PREEMPTIONS, LabelFilter.ALL).isEmpty() ? null : all,
                counts.entrySet().stream()
                        .sorted(HEAVIEST_FIRST)
                        .map(entry -> Preemptor.of(entry.getKey(), entry.getValue(), all))
                        .toList());
    }

    private static Map<Preemptor.Who, Long> counts(ContainerWindow total, BiPredicate<String, String> nameable) {
        Map<Preemptor.Who, Long> counts = new LinkedHashMap<>();
        long containers = 0;
        long services = 0;
        Metric named = Catalogue.CPU_PREEMPTORS;
        for (String label : total.labels(named)) {
            long count = total.increase(named, LabelFilter.only(label)).orElse(0);
            List<String> who = named.valuesOf(label);
            if (who.getFirst().isEmpty()) {
                services += count;
                add(counts, new Preemptor.Who(Preemptor.Kind.SERVICE, "", "", who.getLast()), count);
            } else {
                containers += count;
                add(
                        counts,
                        nameable.test(who.get(0), who.get(1))
                                ? new Preemptor.Who(Preemptor.Kind.CONTAINER, who.get(0), who.get(1), who.get(2))
                                : Preemptor.Who.unnamed(Preemptor.Kind.ANOTHER_POD),
                        count);
            }
        }
        add(counts, Preemptor.Who.unnamed(Preemptor.Kind.SELF), by("self", total));
        add(counts, Preemptor.Who.unnamed(Preemptor.Kind.OTHER), by("container", total) - containers);
        add(counts, Preemptor.Who.unnamed(Preemptor.Kind.HOST), by("host", total) - services);
        return counts;
    }

    /** Names are read a moment before the counts: of a short window more may be named than is left of these. */
    private static void add(Map<Preemptor.Who, Long> counts, Preemptor.Who who, long count) {
        if (count > 0) {
            counts.merge(who, count, Long::sum);
        }
    }

    private static long by(String value, ContainerWindow total) {
        return total.increase(Catalogue.CPU_PREEMPTIONS, LabelFilter.only(value))
                .orElse(0);
    }
}
