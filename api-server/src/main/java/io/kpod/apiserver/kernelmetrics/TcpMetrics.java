package io.kpod.apiserver.kernelmetrics;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.kpod.apiserver.window.ContainerWindow;
import io.kpod.apiserver.window.ContainerWindow.LabelFilter;
import io.kpod.summary.Catalogue;
import org.jspecify.annotations.Nullable;

/** What a container's TCP sockets did. */
public record TcpMetrics(
        @JsonPropertyDescription("Bytes that its programs gave to their sockets.") @Nullable
        CounterSummary bytesSent,

        @JsonPropertyDescription("Bytes that its programs took from their sockets.") @Nullable
        CounterSummary bytesReceived,

        @JsonPropertyDescription("Segments that were sent again.") @Nullable
        CounterSummary retransmits,

        @JsonPropertyDescription("Connections that were established, opened or accepted.") @Nullable
        CounterSummary connections,

        @JsonPropertyDescription("Smoothed round-trip time of its connections, in seconds.") @Nullable
        DistributionSummary rtt,

        @JsonPropertyDescription("Connections that were dropped because an accept queue of its was full.") @Nullable
        CounterSummary listenDrops,

        @JsonPropertyDescription("Time from a connect to the established connection, in seconds.") @Nullable
        DistributionSummary connectLatency) {
    static @Nullable TcpMetrics of(ContainerWindow window) {
        TcpMetrics tcp = new TcpMetrics(
                CounterSummary.of(window, Catalogue.TCP_BYTES_SENT, LabelFilter.ALL),
                CounterSummary.of(window, Catalogue.TCP_BYTES_RECEIVED, LabelFilter.ALL),
                CounterSummary.of(window, Catalogue.TCP_RETRANSMITS, LabelFilter.ALL),
                CounterSummary.of(window, Catalogue.TCP_CONNECTIONS, LabelFilter.ALL),
                DistributionSummary.of(window, Catalogue.TCP_RTT, LabelFilter.ALL),
                CounterSummary.of(window, Catalogue.TCP_LISTEN_DROPS, LabelFilter.ALL),
                DistributionSummary.of(window, Catalogue.TCP_CONNECT_LATENCY, LabelFilter.ALL));
        return Measured.any(
                        tcp.bytesSent,
                        tcp.bytesReceived,
                        tcp.retransmits,
                        tcp.connections,
                        tcp.rtt,
                        tcp.listenDrops,
                        tcp.connectLatency)
                ? tcp
                : null;
    }
}
