package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a container did with one block device. */
public record DiskMetrics(
        @JsonPropertyDescription("Name of the device.") String device,

        @JsonPropertyDescription("Bytes read.") @Nullable CounterSummary readBytes,

        @JsonPropertyDescription("Bytes written.") @Nullable CounterSummary writtenBytes,

        @JsonPropertyDescription("Read requests.") @Nullable CounterSummary reads,

        @JsonPropertyDescription("Write requests.") @Nullable
        CounterSummary writes,

        @JsonPropertyDescription("Time that the device took for a request, one for each operation.") @Nullable
        List<IoLatency> ioLatency) {
    /** Requests of one operation. */
    public record IoLatency(
            @JsonPropertyDescription("Read, write or another operation of the block layer.")
            String operation,

            @JsonPropertyDescription("From the issue of a request to its completion, in seconds.") @Nullable
            DistributionSummary latency) {
        static @Nullable List<IoLatency> of(ContainerWindow window, String device) {
            String prefix = device + Metric.LABEL_SEPARATOR;
            List<String> operations = window.labels(Catalogue.DISK_IO_LATENCY).stream()
                    .filter(label -> label.startsWith(prefix))
                    .map(label -> label.substring(prefix.length()))
                    .toList();
            return Measured.each(
                    operations,
                    operation -> new IoLatency(
                            operation,
                            DistributionSummary.of(
                                    window, Catalogue.DISK_IO_LATENCY, LabelFilter.only(prefix + operation))));
        }
    }

    static @Nullable List<DiskMetrics> of(ContainerWindow window) {
        SortedSet<String> devices = new TreeSet<>(Measured.labels(
                window,
                Catalogue.DISK_READ_BYTES,
                Catalogue.DISK_WRITTEN_BYTES,
                Catalogue.DISK_READS,
                Catalogue.DISK_WRITES));
        for (String label : window.labels(Catalogue.DISK_IO_LATENCY)) {
            devices.add(label.split(Metric.LABEL_SEPARATOR, 2)[0]);
        }
        return Measured.each(devices, device -> {
            LabelFilter only = LabelFilter.only(device);
            return new DiskMetrics(
                    device,
                    CounterSummary.of(window, Catalogue.DISK_READ_BYTES, only),
                    CounterSummary.of(window, Catalogue.DISK_WRITTEN_BYTES, only),
                    CounterSummary.of(window, Catalogue.DISK_READS, only),
                    CounterSummary.of(window, Catalogue.DISK_WRITES, only),
                    IoLatency.of(window, device));
        });
    }
}
