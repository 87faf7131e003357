package io.kpod.agent.exposition;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusProtobufWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The formats of {@code /metrics}. */
enum PageFormat {
    TEXT(PrometheusTextFormatWriter.CONTENT_TYPE),
    OPENMETRICS(OpenMetricsTextFormatWriter.CONTENT_TYPE),
    PROTOBUF(PrometheusProtobufWriter.CONTENT_TYPE);

    private final String contentType;

    PageFormat(String contentType) {
        this.contentType = contentType;
    }

    String contentType() {
        return contentType;
    }

    /** How it writes the containers' series. */
    SeriesFormat series() {
        return switch (this) {
            case TEXT -> new TextFormat(false);
            case OPENMETRICS -> new TextFormat(true);
            case PROTOBUF -> new ProtobufFormat();
        };
    }

    /** How it writes the agent's own meters, with the end of the page. */
    ExpositionFormatWriter ownMeters() {
        return switch (this) {
            case TEXT -> PrometheusTextFormatWriter.create();
            case OPENMETRICS -> OpenMetricsTextFormatWriter.create();
            case PROTOBUF -> new PrometheusProtobufWriter();
        };
    }

    /** The format that an Accept header (RFC 9110, 12.5.1) wants most; text if it names none of them. */
    static PageFormat accepted(@Nullable String header) {
        PageFormat best = TEXT;
        double bestQuality = 0;
        for (String range :
                header == null ? new String[0] : header.toLowerCase(Locale.ROOT).split(",")) {
            String[] parts = Arrays.stream(range.split(";")).map(String::strip).toArray(String[]::new);
            PageFormat format = named(parts);
            double quality = quality(parts);
            if (format != null && quality > bestQuality) {
                best = format;
                bestQuality = quality;
            }
        }
        return best;
    }

    private static @Nullable PageFormat named(String[] parts) {
        return switch (parts[0]) {
            case "application/vnd.google.protobuf" ->
                Arrays.asList(parts).contains("proto=io.prometheus.client.metricfamily")
                                && Arrays.asList(parts).contains("encoding=delimited")
                        ? PROTOBUF
                        : null;
            case "application/openmetrics-text" -> OPENMETRICS;
            case "text/plain" -> TEXT;
            default -> null;
        };
    }

    /** Of a range in an Accept or Accept-Encoding header, its name and parameters; 0 if it can't be read. */
    static double quality(String[] parts) {
        for (String part : parts) {
            if (part.startsWith("q=")) {
                try {
                    return Double.parseDouble(part.substring(2));
                } catch (NumberFormatException e) {
                    return 0;
                }
            }
        }
        return 1;
    }
}
