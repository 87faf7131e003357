package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Catalogue;
import io.kpod.summary.Metric;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A network interface of a pod. */
public record InterfaceMetrics(
        @JsonProperty("interface") @JsonPropertyDescription("Name of the interface.")
        String name,

        @JsonPropertyDescription("What it received.") @Nullable
        Traffic rx,

        @JsonPropertyDescription("What it sent.") @Nullable Traffic tx) {
    /** One direction. */
    public record Traffic(
            @JsonPropertyDescription("Bytes.") @Nullable CounterSummary bytes,

            @JsonPropertyDescription("Packets.") @Nullable CounterSummary packets,

            @JsonPropertyDescription("Packets that failed for an error.") @Nullable
            CounterSummary errors,

            @JsonPropertyDescription("Packets that were dropped.") @Nullable
            CounterSummary drops) {
        static @Nullable Traffic of(
                ContainerWindow window, LabelFilter only, Metric bytes, Metric packets, Metric errors, Metric drops) {
            Traffic traffic = new Traffic(
                    CounterSummary.of(window, bytes, only),
                    CounterSummary.of(window, packets, only),
                    CounterSummary.of(window, errors, only),
                    CounterSummary.of(window, drops, only));
            return Measured.any(traffic.bytes, traffic.packets, traffic.errors, traffic.drops) ? traffic : null;
        }
    }

    static @Nullable List<InterfaceMetrics> of(ContainerWindow window) {
        return Measured.each(
                Measured.labels(
                        window,
                        Catalogue.NET_IFACE_RX_BYTES,
                        Catalogue.NET_IFACE_RX_PACKETS,
                        Catalogue.NET_IFACE_RX_ERRORS,
                        Catalogue.NET_IFACE_RX_DROPS,
                        Catalogue.NET_IFACE_TX_BYTES,
                        Catalogue.NET_IFACE_TX_PACKETS,
                        Catalogue.NET_IFACE_TX_ERRORS,
                        Catalogue.NET_IFACE_TX_DROPS),
                name -> new InterfaceMetrics(
                        name,
                        Traffic.of(
                                window,
                                LabelFilter.only(name),
                                Catalogue.NET_IFACE_RX_BYTES,
                                Catalogue.NET_IFACE_RX_PACKETS,
                                Catalogue.NET_IFACE_RX_ERRORS,
                                Catalogue.NET_IFACE_RX_DROPS),
                        Traffic.of(
                                window,
                                LabelFilter.only(name),
                                Catalogue.NET_IFACE_TX_BYTES,
                                Catalogue.NET_IFACE_TX_PACKETS,
                                Catalogue.NET_IFACE_TX_ERRORS,
                                Catalogue.NET_IFACE_TX_DROPS)));
    }
}
