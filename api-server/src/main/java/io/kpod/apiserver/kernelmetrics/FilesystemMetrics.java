package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.quantity.Quantity;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Catalogue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A volume that a container has mounted. */
public record FilesystemMetrics(
        @JsonPropertyDescription("Where it is mounted.") String mountpoint,

        @JsonPropertyDescription("Size, in bytes.") @Nullable
        Quantity capacity,

        @JsonPropertyDescription("Space used, in bytes.") @Nullable
        Quantity usage,

        @JsonPropertyDescription("Space that is left to a program without privileges, in bytes.") @Nullable
        Quantity available) {
    static @Nullable List<FilesystemMetrics> of(ContainerWindow window) {
        return Measured.each(
                Measured.labels(
                        window, Catalogue.FS_CAPACITY_BYTES, Catalogue.FS_USAGE_BYTES, Catalogue.FS_AVAILABLE_BYTES),
                mountpoint -> {
                    LabelFilter only = LabelFilter.only(mountpoint);
                    return new FilesystemMetrics(
                            mountpoint,
                            Quantities.ofBytes(window.gauge(Catalogue.FS_CAPACITY_BYTES, only)),
                            Quantities.ofBytes(window.gauge(Catalogue.FS_USAGE_BYTES, only)),
                            Quantities.ofBytes(window.gauge(Catalogue.FS_AVAILABLE_BYTES, only)));
                });
    }
}
