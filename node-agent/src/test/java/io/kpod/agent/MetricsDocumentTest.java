package io.kpod.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import io.kpod.summary.MetricType;
import io.kpod.summary.ServedMetric;
import io.kpod.summary.Stat;
import io.kpod.summary.Unit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** summary/METRICS.md is made of the catalogue; the numbers of series in it are those that {@link SeriesBudgetTest} counts. */
class MetricsDocumentTest {
    private static final Path DOCUMENT = Path.of("../summary/METRICS.md");
    private static final Path MADE = Path.of("target/METRICS.md");

    private static final String HEAD = """
            # Metrics

            Made of `Catalogue.java`, and checked against it by `MetricsDocumentTest`; do not edit.

            Each series has the labels `namespace`, `pod`, `container` and `node`, and those of the table. A series of a pod as a whole
            (interfaces) has no `container`; one without `namespace`, `pod` and `container` is what no container's series shows: excluded
            namespaces, containers that ended before anybody said whose they were, and those beyond `kpod.bpf.max-containers`. With it,
            `sum by (node)` is all that was counted on the node.

            A distribution is a native histogram of schema 3 in the protobuf format; in the text formats it has classic buckets at the
            powers of four from 2^-20 s to 2^8 s, a subset of the same boundaries.

            """;

    @Test
    void theDocumentIsThatOfTheCatalogue() throws Exception {
        StringBuilder document = new StringBuilder(HEAD);
        document.append("| on `/metrics` | type | labels | collector | what | where it comes from | for an HPA |\n");
        document.append("|---|---|---|---|---|---|---|\n");
        Catalogue.METRICS.forEach(metric -> document.append(row(metric)));
        document.append("\n## Profiles\n\n");
        document.append("| collector | minimal | standard (default) | comprehensive |\n|---|:-:|:-:|:-:|\n");
        Catalogue.METRICS.stream()
                .map(Metric::collector)
                .distinct()
                .forEach(collector -> document.append("| ")
                        .append(collector)
                        .append(" | ")
                        .append(perProfile(profile -> profile.collectors().contains(collector) ? "yes" : "-"))
                        .append(" |\n"));
        document.append("| **series of a pod** | ")
                .append(perProfile(profile -> Integer.toString(series(profile))))
                .append(" |\n\n");
        document.append(
                "Series of a pod with one container, one device that it reads and writes, one interface and one mounted"
                        + " volume, as a real agent's page has them (`SeriesBudgetTest`).\n");

        Files.createDirectories(MADE.getParent());
        Files.writeString(MADE, document);
        assertThat(Files.exists(DOCUMENT) ? Files.readString(DOCUMENT) : "")
                .as("out of date: cp node-agent/target/METRICS.md summary/METRICS.md")
                .isEqualTo(document.toString());
    }

    /** Series of a pod with one of each thing that labels tell apart, two kinds of requests to its device. */
    static int series(Profile profile) {
        return Catalogue.METRICS.stream()
                .filter(metric -> profile.collectors().contains(metric.collector()))
                .mapToInt(MetricsDocumentTest::series)
                .sum();
    }

    private static int series(Metric metric) {
        if (metric.labels().contains("syscall")) {
            return trackedByDefault().size();
        }
        if (metric.labels().contains("operation")) {
            return 2;
        }
        return Math.max(1, metric.labelValues().size());
    }

    private static List<String> trackedByDefault() {
        try {
            return AgentSettings.load(List.of("--kpod.discovery.mode=none"), Map.of())
                    .trackedSyscalls();
        } catch (io.kpod.configuration.ConfigurationException e) {
            throw new AssertionError(e);
        }
    }

    private static String perProfile(java.util.function.Function<Profile, String> value) {
        return Arrays.stream(Profile.values())
                .filter(profile -> profile != Profile.CUSTOM)
                .map(value)
                .collect(Collectors.joining(" | "));
    }

    private static String row(Metric metric) {
        String unit =
                metric.unit() == Unit.NONE ? "" : ", " + metric.unit().name().toLowerCase(Locale.ROOT);
        return "| "
                + String.join(
                        " | ",
                        "`" + metric.prometheusName() + "`",
                        metric.type().name().toLowerCase(Locale.ROOT) + unit,
                        metric.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", ")),
                        metric.collector(),
                        metric.help().replace("|", "\\|"),
                        metric.source().replace("|", "\\|"),
                        served(metric))
                + " |\n";
    }

    /** The names that custom.metrics.k8s.io has; a distribution's as one, with its statistics in braces. */
    private static String served(Metric metric) {
        if (metric.type() == MetricType.DISTRIBUTION) {
            String base = metric.name().replace('.', '_');
            String stats = Arrays.stream(Stat.values()).map(Stat::label).collect(Collectors.joining(","));
            return "`" + base + "_{" + stats + "}_seconds`, `" + metric.prometheusName() + "` with `stat=`, `" + base
                    + "_per_second`";
        }
        return Catalogue.SERVED_METRICS.stream()
                .filter(served -> served.metric().equals(metric))
                .map(ServedMetric::name)
                .map(name -> "`" + name + "`")
                .collect(Collectors.joining(", "));
    }
}
