package io.kpod.agent.exposition;

import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A page in the making: each metric's head and series in the order of the catalogue, then what the agent tells of itself.
 * Used again for the next one.
 */
final class Page implements AutoCloseable {
    private static final int NUMBERS =
            Catalogue.METRICS.stream().mapToInt(Metric::wireNumber).max().orElse(0) + 1;

    private final PageBuffer[] heads = new PageBuffer[NUMBERS];
    private final PageBuffer[] series = new PageBuffer[NUMBERS];
    private final PageBuffer ownMeters = new PageBuffer();
    private @Nullable GzipStream gzip;

    Page() {
        for (Metric metric : Catalogue.METRICS) {
            heads[metric.wireNumber()] = new PageBuffer();
            series[metric.wireNumber()] = new PageBuffer();
        }
    }

    /** Empty for a metric without series. */
    PageBuffer head(Metric metric) {
        return heads[metric.wireNumber()];
    }

    PageBuffer series(Metric metric) {
        return series[metric.wireNumber()];
    }

    PageBuffer ownMeters() {
        return ownMeters;
    }

    void clear() {
        for (Metric metric : Catalogue.METRICS) {
            head(metric).clear();
            series(metric).clear();
        }
        ownMeters.clear();
    }

    long length() {
        long length = ownMeters.length();
        for (Metric metric : Catalogue.METRICS) {
            length += head(metric).length() + (long) series(metric).length();
        }
        return length;
    }

    void writeTo(OutputStream out) throws IOException {
        for (Metric metric : Catalogue.METRICS) {
            head(metric).writeTo(out);
            series(metric).writeTo(out);
        }
        ownMeters.writeTo(out);
    }

    void writeCompressedTo(OutputStream out) throws IOException {
        if (gzip == null) {
            gzip = new GzipStream();
        }
        gzip.begin(out);
        writeTo(gzip);
        gzip.finish();
    }

    @Override
    public void close() {
        if (gzip != null) {
            gzip.close();
        }
    }
}
